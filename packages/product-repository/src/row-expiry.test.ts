import { expect, test } from 'vitest';
import { RowExpiry, rowExpiryLimits } from './row-expiry.ts';

const { batchMax } = rowExpiryLimits;

/** A table in which so many rows are too old. */
function tableOf(expired: number) {
  const batches: number[] = [];
  return {
    batches,
    deleteExpired: async (countMax: number) => {
      const deleted = Math.min(countMax, expired - batches.reduce((sum, count) => sum + count, 0));
      batches.push(deleted);
      return deleted;
    },
  };
}

test('what has piled up is deleted in bounded batches, to the end', async () => {
  const { batches, deleteExpired } = tableOf(2 * batchMax + 1);
  await using expiry = new RowExpiry({ deleteExpired, pauseMs: 1 });
  await expiry.expire();
  expect(batches).toEqual([batchMax, batchMax, 1]);
});

test('it works in the background, and goes on after a failure that it tells of', async () => {
  let calls = 0;
  const failures: unknown[] = [];
  const failure = new Error('PostgreSQL is away');
  await using expiry = new RowExpiry({
    everyMs: 1,
    deleteExpired: async () => {
      calls += 1;
      if (calls === 1) throw failure;
      return 0;
    },
    onFailure: (err) => failures.push(err),
  });
  await expect.poll(() => calls).toBeGreaterThan(2);
  expect(failures).toEqual([failure]);
  await expiry[Symbol.asyncDispose]();
});

test('stopping waits for the batch under way and begins no other', async () => {
  const [arrived, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<number>()];
  let calls = 0;
  const expiry = new RowExpiry({
    everyMs: 1,
    pauseMs: 1,
    deleteExpired: async () => {
      calls += 1;
      arrived.resolve();
      return answer.promise;
    },
  });
  await arrived.promise;
  let isStopped = false;
  const stopped = expiry[Symbol.asyncDispose]().then(() => (isStopped = true));
  await Promise.resolve();
  expect(isStopped).toBe(false);
  answer.resolve(batchMax);
  await stopped;
  expect(calls).toBe(1);
});
