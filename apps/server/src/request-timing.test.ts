import { withRequest } from '@throughline/telemetry';
import { expect, test } from 'vitest';
import { addCacheTime, addDatabaseTime, currentTiming } from './request-timing.ts';

test('each request adds up its own time, however they interleave', async () => {
  const timings = await Promise.all([1, 2].map((ms) => withRequest(undefined, () => spend(ms))));
  expect(timings).toMatchObject([
    { cacheMs: 2, databaseMs: 10 },
    { cacheMs: 4, databaseMs: 20 },
  ]);
});

test("time spent outside of a request is nobody's", () => {
  addCacheTime(1);
  addDatabaseTime(1);
  expect(currentTiming()).toEqual({ cacheMs: 0, databaseMs: 0 });
});

async function spend(ms: number) {
  addCacheTime(ms);
  await Promise.resolve();
  addDatabaseTime(10 * ms);
  await Promise.resolve();
  addCacheTime(ms);
  return currentTiming();
}
