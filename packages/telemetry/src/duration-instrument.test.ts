import { expect, test } from 'vitest';
import { createDurationInstrument, type CacheSuccess } from './duration-instrument.ts';
import type { Metrics } from './metrics.ts';

test('a read is observed with its name, its end and its duration in seconds', async () => {
  const { instrument, observed } = start();
  const result = await instrument({ name: 'byId', kind: 'read' }, () =>
    Promise.resolve({ outcome: 'hit' as const, value: 7 }),
  );
  expect(result).toEqual({ outcome: 'hit', value: 7 });
  expect(observed).toEqual([
    ['product_read_duration_seconds', { operation: 'byId', cache_success: 'true' }, 0.25],
  ]);
});

test('a write is observed apart from reads', async () => {
  const { instrument, observed } = start();
  await instrument({ name: 'updatePrice', kind: 'write' }, () =>
    Promise.resolve({ outcome: 'bypass' as const }),
  );
  expect(observed).toEqual([
    ['product_write_duration_seconds', { operation: 'updatePrice', cache_success: 'none' }, 0.25],
  ]);
});

test('an operation that throws is observed, and its error reaches the caller unchanged', async () => {
  const { instrument, observed } = start();
  const err = new Error('the store is away');
  const run = () => Promise.reject(err);
  await expect(instrument({ name: 'create', kind: 'write' }, run)).rejects.toBe(err);
  expect(observed).toEqual([
    ['product_write_duration_seconds', { operation: 'create', cache_success: 'false' }, 0.25],
  ]);
});

function start() {
  const observed: unknown[][] = [];
  const histogram: Metrics['histogram'] =
    (...of) =>
    (seconds) =>
      void observed.push([...of, seconds]);
  const ticksMs = [1000, 1250];
  const instrument = createDurationInstrument<'hit' | 'bypass'>({
    metrics: { histogram },
    classifier: {
      ofOutcome: (outcome): CacheSuccess => (outcome === 'hit' ? 'true' : 'none'),
      ofError: (): CacheSuccess => 'false',
    },
    now: () => ticksMs.shift() ?? Number.NaN,
  });
  return { instrument, observed };
}
