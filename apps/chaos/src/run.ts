import { setTimeout as delay } from 'node:timers/promises';
import { audit } from './audit.ts';
import { Bed, type OnFailure } from './bed.ts';
import { Catalogue } from './catalogue.ts';
import type { Fault } from './faults.ts';
import { History, productSchema, type Violation } from './history.ts';
import { Random } from './random.ts';
import { type LoadParts, readUntilStopped } from './readers.ts';
import { Tally } from './tally.ts';
import { writeUntilStopped } from './writers.ts';

export interface RunOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly onFailure: OnFailure;
  /** By name; each is drawn once before any is drawn again. */
  readonly faults: Readonly<Record<string, Fault>>;
  readonly signal: AbortSignal;
  /** Told what happens, for a person who watches. */
  readonly tell: (text: string) => void;
}

export interface RunResult {
  readonly history: History;
  readonly tally: Tally;
  readonly violations: readonly Violation[];
  /** From the end of the last fault until every server hit again, in milliseconds. */
  readonly recoveryMs: number;
}

const [readers, writers, servers, categories] = [24, 8, 3, 3];
const calmMs = { min: 2_500, max: 5_000 };
const firstCalmMs = 2_000;
const recoveryMaxMs = 30_000;

/** Runs the service under load and faults, and checks everything that anybody was told. */
export async function run(options: RunOptions): Promise<RunResult> {
  const random = new Random(options.seed);
  const schedule = random.fork();
  await using bed = await Bed.open({
    random: random.fork(),
    onFailure: options.onFailure,
    servers,
  });
  const [history, tally] = [new History(), new Tally()];
  const catalogue = await Catalogue.create(bed, categories);
  const ending = new AbortController();
  const parts = { bed, catalogue, history, tally, signal: ending.signal };
  const load = Promise.all([
    ...Array.from({ length: writers }, async () =>
      writeUntilStopped({ ...parts, random: random.fork() }),
    ),
    ...Array.from({ length: readers }, async () =>
      readUntilStopped({ ...parts, random: random.fork() }),
    ),
  ]);
  const endMs = performance.now() + options.seconds * 1_000;
  try {
    await Promise.race([failUntil(endMs, { ...options, bed, tally, random: schedule }), load]);
  } finally {
    ending.abort();
    await bed.heal();
    await load;
  }
  const recoveryMs = await recover({ ...parts, random });
  const { trail } = bed;
  const found = audit(history, await trail.committed(), await trail.stored());
  return { history, tally, recoveryMs, violations: [...history.violations, ...found] };
}

interface Failing extends Pick<RunOptions, 'faults' | 'signal' | 'tell'> {
  readonly bed: Bed;
  readonly tally: Tally;
  readonly random: Random;
}

/** One fault at a time, and a calm in which the cache becomes useful again. */
async function failUntil(
  endMs: number,
  { faults, signal, tell, bed, tally, random }: Failing,
): Promise<void> {
  let drawn: [string, Fault][] = [];
  await pause(firstCalmMs, signal);
  while (performance.now() < endMs && !signal.aborted) {
    if (drawn.length === 0) drawn = random.shuffled(Object.entries(faults));
    const [name, fault] = drawn.pop() ?? [];
    if (name === undefined || fault === undefined) return pause(endMs - performance.now(), signal);
    const member = random.pick(bed.members);
    tell(`${name} (${member.name})`);
    tally.count('faults', name);
    tally.weather = 'fault';
    await fault({ bed, member, random: random.fork() });
    await bed.heal();
    tally.weather = 'calm';
    await pause(random.between(calmMs.min, calmMs.max), signal);
  }
}

/** With everything healed, each server must answer each product as the database holds it, and from the cache. */
async function recover({ bed, catalogue, history, tally }: LoadParts): Promise<number> {
  const beganMs = performance.now();
  const ids = catalogue.living.slice(0, 10);
  for (const { name, process } of bed.members) {
    for (let hit = false; !hit;) {
      if (performance.now() - beganMs > recoveryMaxMs) throw new Error(`${name} does not recover.`);
      const floors = history.floors(ids);
      const times = { what: `byIds at ${name}, at the end`, beganMs: performance.now() };
      const answer = await bed.client.query(process.url, 'product.byIds', { ids });
      if (answer.outcome !== 'answered') {
        tally.count('errors', `at the end ${answer.code}`);
        await delay(100);
        continue;
      }
      hit = answer.cache === 'hit';
      const found = productSchema.nullable().array().parse(answer.value);
      for (const [index, id] of ids.entries()) {
        const seen = found[index] ?? null;
        const floor = floors.get(id) ?? { version: 0, isGone: false, by: undefined };
        const endedMs = performance.now();
        const operation = { ...times, endedMs, productId: id, version: seen?.version ?? null };
        history.read(operation, floor, seen);
      }
    }
  }
  return performance.now() - beganMs;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await delay(ms, undefined, { signal }).catch(() => undefined);
}
