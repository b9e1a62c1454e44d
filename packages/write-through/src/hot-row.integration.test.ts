import pg from 'pg';
import { expect, it } from 'vitest';
import { DatabaseUnavailableError } from './errors.ts';
import { openFleet } from './testing/fleet.ts';

const connectionsMax = 4;

it('writers that queue for one row do not keep readers of others from the database', async () => {
  await using at = await openFleet({ connectionsMax });
  await using holder = await holdRow(at.databaseUrl);
  const writes = Array.from({ length: 10 * connectionsMax }, async (_, index) =>
    at.first.set(1, `write ${index}`),
  );
  const settled = Promise.allSettled(writes);
  await expect.poll(async () => holder.waiting()).toBe(connectionsMax);

  // All of them come before any writer's patience ends and gives a connection free.
  const others = Array.from({ length: 10 }, (_, index) => 2 + index);
  const results = await at.first.registers.readMany(others);
  expect(results.map(({ outcome }) => outcome)).toEqual(others.map(() => 'miss'));
  expect(await at.first.registers.read(1)).toMatchObject({
    outcome: 'pending',
    value: { text: 'first' },
  });
  expect(await holder.waiting()).toBe(connectionsMax);

  await holder.release();
  const outcomes = await settled;
  const refusals = outcomes.filter((outcome) => outcome.status === 'rejected');
  expect(refusals.every(({ reason }) => reason instanceof DatabaseUnavailableError)).toBe(true);
  const written = outcomes.length - refusals.length;
  expect(written).toBeGreaterThanOrEqual(connectionsMax);
  const stored = await at.first.stored(1);
  expect(stored?.version).toBe(1 + written);
  expect((await at.first.registers.read(1)).value?.text).toBe(stored?.text);
});

/** A transaction that locks the row of register 1. */
async function holdRow(databaseUrl: string) {
  const holder = new pg.Client(databaseUrl);
  const watcher = new pg.Client(databaseUrl);
  await Promise.all([holder.connect(), watcher.connect()]);
  await holder.query('BEGIN; SELECT FROM registers WHERE id = 1 FOR UPDATE');
  return {
    release: async () => void (await holder.query('ROLLBACK')),
    /** How many sessions wait for a lock, the first for the row and the others in its queue. */
    waiting: async () => {
      const { rows } = await watcher.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      return rows[0]?.count;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([holder.end(), watcher.end()]);
    },
  };
}
