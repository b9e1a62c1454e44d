import type { Balanced, Bed, OnFailure } from '../bed.ts';
import { Random } from '../random.ts';
import type { ServerProcess } from '../server-process.ts';
import { standalone } from '../settings.ts';
import type { StandaloneStore } from '../standalone-store.ts';
import { type RunResult, type UnderLoad, underLoad } from '../under-load.ts';

export interface RolloutOptions {
  readonly seed: number;
  /** How often each process is replaced. */
  readonly rounds: number;
  readonly balanced: Balanced;
  readonly onFailure?: OnFailure;
  /** Told what happens, for a person who watches. */
  readonly tell: (text: string) => void;
}

export interface RolloutResult extends RunResult {
  /** Requests that had another end than an answer, and why; what the catalogue refuses is an answer. */
  readonly failed: readonly string[];
  /** With which each process ended that was replaced. */
  readonly exitCodes: readonly (number | string | null)[];
}

/** A process that says that it is ready has to answer so to the balancer within this time. */
const readyMaxMs = 10_000;

/** What a writer may be told rightly while others write. */
const answers = new Set(['PRODUCT_NOT_FOUND', 'STOCK_INSUFFICIENT']);

/**
 * Replaces three service processes behind a balancer one after another, under load: SIGTERM, wait for the end, start the next
 * one, wait until it is ready. Clients send nothing twice, and everything that they are told is checked.
 */
export async function rollOut(options: RolloutOptions): Promise<RolloutResult> {
  const { seed, balanced, onFailure = 'degrade' } = options;
  const exitCodes: (number | string | null)[] = [];
  const failed: string[] = [];
  const random = new Random(seed);
  const result = await underLoad(
    { random, onFailure, setting: standalone, balanced },
    async (parts) => {
      for (let round = 1; round <= options.rounds; round += 1) {
        options.tell(`round ${round}`);
        exitCodes.push(...(await replaceAll(parts, options.tell)));
      }
      failed.push(...(parts.bed.balancer?.failures ?? []));
    },
  );
  const { refusedReads, refusedWrites } = result.tally;
  for (const [code, count] of [...refusedReads, ...refusedWrites]) {
    if (!answers.has(code)) failed.push(`${code} (${count})`);
  }
  return { ...result, failed, exitCodes };
}

async function replaceAll(
  { bed, tally }: UnderLoad<StandaloneStore>,
  tell: (text: string) => void,
): Promise<(number | string | null)[]> {
  const exitCodes: (number | string | null)[] = [];
  for (const { name, process } of bed.members) {
    const beganMs = performance.now();
    const exitCode = await process.stop();
    const stoppedMs = performance.now();
    await process.start();
    await untilReady(bed, process);
    tally.timeline.push({ name: `${name} replaced`, beganMs, endedMs: performance.now() });
    tell(
      `${name}: stopped in ${seconds(stoppedMs - beganMs)}, exit code ${exitCode}; ready again in ${seconds(performance.now() - stoppedMs)}`,
    );
    exitCodes.push(exitCode);
  }
  return exitCodes;
}

/** The balancer asks again, as a process that is ready may answer too late on a machine that is busy. */
async function untilReady(
  { balancer }: Bed<StandaloneStore>,
  process: ServerProcess,
): Promise<void> {
  const endMs = performance.now() + readyMaxMs;
  while ((await balancer?.look(process)) === false) {
    if (performance.now() > endMs) throw new Error(`It is not ready: ${process.log.last}`);
  }
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
