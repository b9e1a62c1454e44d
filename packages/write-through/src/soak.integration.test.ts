import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openFleet } from './testing/fleet.ts';
import { checkHistory, type Operation } from './testing/history.ts';

const durationMs = 20_000;
const registers = 10;
const readers = 200;
const writers = 20;

it(
  'no reader of 200 ever gets an old or uncommitted version while 20 write and entries are evicted',
  { timeout: durationMs + 30_000 },
  async () => {
    await using at = await openFleet({ connectionsMax: 15 });
    const processes = [at.first, await at.another({ connectionsMax: 15 })];
    const history: Operation[] = [];
    const endMs = performance.now() + durationMs;
    const outcomes = new Map<string, number>();

    await Promise.all([
      ...Array.from({ length: readers }, async (_, index) => read(index)),
      ...Array.from({ length: writers }, async (_, index) => write(index)),
      evict(),
    ]);

    const told = [...outcomes].map(([outcome, count]) => `${outcome} ${count}`).join(', ');
    console.log(`${history.length} operations: ${told}`);
    expect(checkHistory(history)).toEqual([]);
    const written = history.filter(({ kind }) => kind === 'write');
    for (let id = 1; id <= registers; id += 1) {
      const mine = written.filter(({ key }) => key === String(id));
      expect((await at.first.stored(id))?.version).toBe(mine.length + 1);
    }
    expect(outcomes.get('hit') ?? 0).toBeGreaterThan(1_000);
    expect(outcomes.get('pending') ?? 0).toBeGreaterThan(100);
    expect(outcomes.get('miss') ?? 0).toBeGreaterThan(10);

    async function read(index: number): Promise<void> {
      for (let turn = index; performance.now() < endMs; turn += 1) {
        const process = processes[turn % processes.length] ?? at.first;
        const id = 1 + (turn % registers);
        const beganMs = performance.now();
        const { value, outcome } = await process.registers.read(id);
        const version = versionIn(value?.text);
        history.push({
          kind: 'read',
          key: String(id),
          version,
          beganMs,
          endedMs: performance.now(),
        });
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
    }

    async function write(index: number): Promise<void> {
      for (let turn = index; performance.now() < endMs; turn += 7) {
        const process = processes[turn % processes.length] ?? at.first;
        const id = 1 + (turn % registers);
        const beganMs = performance.now();
        const version = await process.increment(id, turn % 2 === 0 ? 'at once' : 'in steps');
        history.push({
          kind: 'write',
          key: String(id),
          version,
          beganMs,
          endedMs: performance.now(),
        });
        await delay(Math.random() * 40);
      }
    }

    async function evict(): Promise<void> {
      while (performance.now() < endMs) {
        await at.evict(1 + Math.floor(Math.random() * registers));
        await delay(Math.random() * 20);
      }
    }
  },
);

/** `increment` writes the version into the text, so that a payload tells its own version. */
function versionIn(text: string | undefined): number {
  return text === 'first' ? 1 : Number(text);
}
