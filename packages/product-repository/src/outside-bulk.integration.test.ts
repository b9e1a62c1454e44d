import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { type HistoryOperation, checkHistory } from '@throughline/write-through/testing';
import { openTestRepositories, type RepositoryProcess } from './testing/test-repository.ts';
import { told } from './testing/told.ts';

const productCount = 100_000;
/** One product in so many is read all the while, so it is cached. */
const hotEvery = 50;
const hotCount = productCount / hotEvery;
/** Written by the service all the while. */
const writtenCount = 20;
/** What docs/consistency.md states: a second, and one more for each 10,000 rows. */
const lagMaxMs = 1_000 + productCount / 10;

it(
  'an UPDATE of 100,000 rows by another program is what every reader gets within the stated lag',
  { timeout: 240_000 },
  async () => {
    await using at = await openTestRepositories();
    const processes = [at.first, await at.another()];
    const [ours, outside] = [await at.catalogue.connect(), await at.catalogue.connectOutside()];
    await ours.query(`INSERT INTO categories (name, slug) VALUES ('Lamps', 'lamps')`);
    await ours.query(`
      INSERT INTO products (sku, name, price, stock, category_id)
      SELECT 'S' || number, 'P', 10, 1000000, 1 FROM generate_series(1, ${productCount}) AS number`);
    await using drains = new AsyncDisposableStack();
    const stuck: unknown[] = [];
    for (const { repository } of processes) drains.use(repository.drain((err) => stuck.push(err)));
    // The plans that this session makes for one row must do for all.
    for (let turn = 0; turn < 7; turn += 1) {
      await outside.query('UPDATE products SET stock = stock + 1 WHERE id = 1');
    }

    const history: HistoryOperation[] = [];
    const old: number[] = [];
    let committedAtMs = Number.POSITIVE_INFINITY;
    let lastOldAtMs = 0;
    const ending = new AbortController();
    const running = Promise.all([
      ...processes.flatMap((process) =>
        Array.from({ length: 4 }, async (_, seed) => read(process, seed)),
      ),
      ...processes.map(async (process, seed) => write(process, seed)),
    ]);
    await expect.poll(() => history.length, { timeout: 60_000 }).toBeGreaterThan(3_000);
    const sentAtMs = performance.now();
    await outside.query('UPDATE products SET price = 20');
    committedAtMs = performance.now();
    await expect
      .poll(
        async () => (await outside.query('SELECT FROM write_through_outbox LIMIT 1')).rowCount,
        {
          timeout: 120_000,
          interval: 50,
        },
      )
      .toBe(0);
    const drainedMs = performance.now() - committedAtMs;
    const readsWhenDrained = history.length;
    await expect
      .poll(() => history.length, { timeout: 60_000 })
      .toBeGreaterThan(readsWhenDrained + 3_000);
    ending.abort();
    await running;

    const lagMs = Math.max(0, lastOldAtMs - committedAtMs);
    console.log(
      `UPDATE of ${productCount} rows took ${Math.round(committedAtMs - sentAtMs)} ms; ` +
        `the last old price was read ${Math.round(lagMs)} ms after COMMIT, ` +
        `the outbox was empty after ${Math.round(drainedMs)} ms; ${history.length} operations`,
    );
    expect(checkHistory(history)).toEqual([]);
    expect(old.length).toBeGreaterThan(0);
    // Others who keep the machine busy slow the UPDATE and the drain down alike; left alone, both take about as long.
    expect(lagMs).toBeLessThan(Math.max(lagMaxMs, 2 * (committedAtMs - sentAtMs)));
    expect(lagMs).toBeLessThanOrEqual(drainedMs + 100);
    expect(stuck).toEqual([]);

    async function read({ repository }: RepositoryProcess, seed: number): Promise<void> {
      for (let turn = seed; !ending.signal.aborted; turn += 1) {
        const from = (turn * 25) % hotCount;
        const ids = Array.from({ length: 25 }, (_, index) => 1 + hotEvery * (from + index));
        const beganMs = performance.now();
        const { value } = await told(repository.byIds({ ids }));
        const endedMs = performance.now();
        for (const product of value) {
          if (product === null) throw new Error('A product is gone.');
          const { id, version, price } = product;
          history.push({ kind: 'read', key: String(id), version, beganMs, endedMs });
          if (price === '20.00' || beganMs < committedAtMs) continue;
          old.push(id);
          lastOldAtMs = Math.max(lastOldAtMs, beganMs);
        }
        await delay(Math.random() * 20);
      }
    }

    async function write({ repository }: RepositoryProcess, seed: number): Promise<void> {
      for (let turn = seed; !ending.signal.aborted; turn += 2) {
        const id = 1 + hotEvery * (turn % writtenCount);
        await delay(Math.random() * 20);
        const beganMs = performance.now();
        const { value } = await repository.adjustStock({ id, delta: -1 }).catch(onLockTimeout);
        if (value === null) continue;
        const endedMs = performance.now();
        history.push({ kind: 'write', key: String(id), version: value.version, beganMs, endedMs });
      }
    }
  },
);

/** The UPDATE holds its rows until COMMIT, for longer than a write of ours waits. */
function onLockTimeout(err: unknown): { value: null } {
  if (err instanceof Error && 'code' in err && err.code === 'DATABASE_UNAVAILABLE') {
    return { value: null };
  }
  throw err;
}
