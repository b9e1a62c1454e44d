import { expect, test } from 'vitest';
import { SharedLookups } from './shared-lookups.ts';

/** A lookup that waits to be answered, and what is told of it. */
function openBench() {
  const told: PromiseSettledResult<unknown>[] = [];
  let running: { cacheMs: number } | undefined;
  const lookups = new SharedLookups({ running: () => running }, (_, end) => void told.push(end));
  const join = (answer: Promise<unknown>, request?: { cacheMs: number }) => {
    running = request;
    lookups.join(answer);
  };
  return { told, join };
}

test('a lookup that reads share is told of once, and each request that waits for it has spent the time', async () => {
  const { told, join } = openBench();
  const { promise: answer, resolve } = Promise.withResolvers<string>();
  const requests = [{ cacheMs: 1 }, { cacheMs: 0 }];
  for (const request of requests) join(answer, request);
  join(answer);
  // Who asked first is the first to go on, and finds its time added up.
  const seen = answer.then(() => requests.map(({ cacheMs }) => cacheMs));
  resolve('entries');
  const [first, second] = await seen;
  expect(first).toBeGreaterThan(1);
  expect(second).toBeGreaterThan(0);
  expect(told).toEqual([{ status: 'fulfilled', value: 'entries' }]);
});

test('lookups that are under way side by side are told of each by itself, also those that fail', async () => {
  const { told, join } = openBench();
  const one = Promise.withResolvers<string>();
  const other = Promise.withResolvers<string>();
  for (const { promise } of [one, other, one, other]) join(promise);
  const reason = new Error('away');
  other.reject(reason);
  await expect(other.promise).rejects.toBe(reason);
  one.resolve('entries');
  await one.promise;
  expect(told).toEqual([
    { status: 'rejected', reason },
    { status: 'fulfilled', value: 'entries' },
  ]);
});
