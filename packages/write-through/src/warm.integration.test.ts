import { startTestRedis } from '@throughline/local-stack/testing';
import { expect, it } from 'vitest';
import { interceptedStore } from './intercepted-store.ts';
import { openFleet } from './testing/fleet.ts';
import { pagesOf, type WarmStep } from './warm.ts';

const count = 400;
const ids = Array.from({ length: count }, (_, index) => index + 1);
const options = { pageSize: 20, patienceMs: 30_000 };

it('a warm-up pauses while Redis is away, and in the epoch after its restart loads everything', async () => {
  await using redis = await startTestRedis();
  await using at = await openFleet({ redisUrl: redis.url });
  await at.first.outside(
    `INSERT INTO registers SELECT id, 1, 'first' FROM generate_series(21, ${count}) AS id`,
  );
  const steps: WarmStep[] = [];
  for await (const step of at.first.registers.warm(pagesOf(ids), options)) {
    steps.push(step);
    if (steps.length === 3) await redis.kill();
    // Its data of before is not believed: it is another run of Redis, and so another epoch.
    if (step.isPaused && !steps.at(-2)?.isPaused) await redis.restart({ data: 'kept' });
  }
  expect(steps.slice(0, 2).map(({ loaded }) => loaded)).toEqual([20, 40]);
  expect(steps.some(({ isPaused }) => isPaused)).toBe(true);
  expect(steps.at(-1)).toEqual({ loaded: count, isPaused: false });
  const results = await at.first.registers.readMany(ids);
  expect(results.every(({ outcome }) => outcome === 'hit')).toBe(true);
});

it('a warm-up interrupted by a lost answer goes on in the same epoch, and loads what was not loaded', async () => {
  let lost = 0;
  await using at = await openFleet({
    wrapStore: (store) =>
      interceptedStore(store, async (step, send) => {
        if (step === 'leaseMany' && steps.length === 2 && lost === 0) {
          lost += 1;
          throw new Error('The answer was lost.');
        }
        return send();
      }),
  });
  const steps: WarmStep[] = [];
  for await (const step of at.first.registers.warm(pagesOf(ids.slice(0, 20)), {
    ...options,
    pageSize: 4,
  })) {
    steps.push(step);
  }
  expect(steps.map(({ loaded }) => loaded)).toEqual([4, 8, 12, 12, 16, 20]);
  expect(steps.map(({ isPaused }) => isPaused).indexOf(true)).toBe(3);
  expect(lost).toBe(1);
});
