import { setTimeout as delay } from 'node:timers/promises';
import type { Bed, OnFailure } from './bed.ts';
import { Random } from './random.ts';
import { Schedule, type Scheduled } from './schedule.ts';
import type { Setting, Store } from './store.ts';
import type { Tally } from './tally.ts';
import { type RunResult, underLoad } from './under-load.ts';

export interface RunOptions<S extends Store> {
  readonly seed: number;
  readonly seconds: number;
  readonly onFailure: OnFailure;
  readonly setting: Setting<S>;
  readonly signal: AbortSignal;
  /** Told what happens, for a person who watches. */
  readonly tell: (text: string) => void;
}

const calmMs = { min: 2_500, max: 5_000 };
const firstCalmMs = 2_000;
/** The second of two faults begins while the first one lasts. */
const secondLaterMaxMs = 1_500;

/** Runs the service under load and faults, and checks everything that anybody was told. */
export async function run<S extends Store>(options: RunOptions<S>): Promise<RunResult> {
  const { setting, seconds } = options;
  const random = new Random(options.seed);
  const schedule = new Schedule(setting.faults, random.fork());
  const chance = random.fork();
  return underLoad({ ...options, random }, async ({ bed, tally }) => {
    const failing = { ...options, bed, tally, schedule, random: chance };
    await failUntil(performance.now() + seconds * 1_000, failing);
  });
}

interface Failing<S extends Store> extends Pick<RunOptions<S>, 'signal' | 'tell'> {
  readonly bed: Bed<S>;
  readonly tally: Tally;
  readonly schedule: Schedule<S>;
  readonly random: Random;
}

/** A round of one fault or two, and a calm in which the cache becomes useful again. */
async function failUntil<S extends Store>(endMs: number, failing: Failing<S>): Promise<void> {
  const { schedule, signal, bed, tally, random } = failing;
  await pause(firstCalmMs, signal);
  while (performance.now() < endMs && !signal.aborted) {
    const round = schedule.next();
    if (round.length === 0) return pause(endMs - performance.now(), signal);
    tally.weather = 'fault';
    const ended = await Promise.allSettled(
      round.map(async (scheduled, place) => {
        const forked = { ...failing, random: random.fork() };
        return failOnce(forked, {
          ...scheduled,
          afterMs: place * random.between(0, secondLaterMaxMs),
        });
      }),
    );
    for (const result of ended) if (result.status === 'rejected') throw result.reason;
    await bed.heal();
    tally.weather = 'calm';
    await pause(random.between(calmMs.min, calmMs.max), signal);
  }
}

async function failOnce<S extends Store>(
  { bed, tally, tell, random }: Failing<S>,
  { name, fault, afterMs }: Scheduled<S> & { readonly afterMs: number },
): Promise<void> {
  const member = random.pick(bed.members);
  await delay(afterMs);
  tell(`${name} (${member.name})`);
  tally.count('faults', name);
  const beganMs = performance.now();
  try {
    await fault.happen({ bed, member, random });
  } catch (err) {
    throw new Error(`The fault could not be made: ${name}.`, { cause: err });
  } finally {
    const endedMs = performance.now();
    tally.timeline.push({ name: `${name} (${member.name})`, beganMs, endedMs });
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await delay(ms, undefined, { signal }).catch(() => undefined);
}
