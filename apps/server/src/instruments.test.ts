import type { OperationResult, ProductChange } from '@throughline/product-repository';
import {
  createDurationInstrument,
  createLogger,
  createMetrics,
  type CacheSuccess,
} from '@throughline/telemetry';
import {
  CacheUnavailableError,
  CommitOutcomeUnknownError,
  DatabaseUnavailableError,
  type CacheOutcome,
  type Instrument,
} from '@throughline/write-through';
import { describe, expect, test } from 'vitest';
import { cacheSuccess } from './cache-success.ts';
import { composeInstruments } from './compose-instruments.ts';
import { createChangeLog } from './log-changes.ts';

describe('cache_success', () => {
  test.each<[CacheOutcome, CacheSuccess]>([
    ['hit', 'true'],
    ['negative', 'true'],
    ['miss', 'true'],
    ['pending', 'true'],
    ['published', 'true'],
    ['deferred', 'false'],
    ['error', 'false'],
    ['bypass', 'none'],
    ['none', 'none'],
  ])('an operation that ends as %s counts as %s', (outcome, success) => {
    expect(cacheSuccess.ofOutcome(outcome)).toBe(success);
  });

  test('of all errors only an unavailable cache counts as a failed cache step', () => {
    expect(cacheSuccess.ofError(new CacheUnavailableError())).toBe('false');
    for (const err of [new DatabaseUnavailableError(), new CommitOutcomeUnknownError(), 'else']) {
      expect(cacheSuccess.ofError(err)).toBe('none');
    }
  });
});

describe('the log of changes', () => {
  const base = { id: 7, version: 2 };
  test.each<[ProductChange, string, string]>([
    [{ type: 'created', ...base }, 'info', 'product created'],
    [{ type: 'updated', ...base }, 'info', 'product updated'],
    [{ type: 'deleted', ...base }, 'info', 'product deleted'],
    [{ type: 'stock-adjusted', ...base, delta: -1, stock: 4 }, 'info', 'stock adjusted'],
    [
      { type: 'price-changed', ...base, oldPrice: '1.00', newPrice: '2.00' },
      'warn',
      'price changed',
    ],
  ])('tells %j at its level, with all its values', async (change, level, msg) => {
    const { instrument, lines } = startChangeLog();
    const result: OperationResult<string> = { value: 'x', outcome: 'published', change };
    expect(await instrument({ name: 'update', kind: 'write' }, () => Promise.resolve(result))).toBe(
      result,
    );
    expect(lines()).toMatchObject([{ level, msg, operation: 'update', change }]);
  });

  test('logs a line for each product of a write of many', async () => {
    const { instrument, lines } = startChangeLog();
    const changes = [
      { type: 'created', id: 1, version: 1 },
      { type: 'price-changed', id: 2, version: 3, oldPrice: '1.00', newPrice: '2.00' },
    ] as const;
    await instrument({ name: 'upsertMany', kind: 'write' }, async () => ({
      ...(await endAs('published')),
      changes,
    }));
    expect(lines()).toMatchObject([
      { level: 'info', msg: 'product created', operation: 'upsertMany', change: changes[0] },
      { level: 'warn', msg: 'price changed', operation: 'upsertMany', change: changes[1] },
    ]);
  });

  test('says nothing of an operation that changed nothing', async () => {
    const { instrument, lines } = startChangeLog();
    const refusal = new Error('refused');
    await instrument({ name: 'byId', kind: 'read' }, () => endAs('hit'));
    const refused = instrument({ name: 'update', kind: 'write' }, () => Promise.reject(refusal));
    await expect(refused).rejects.toBe(refusal);
    expect(lines()).toEqual([]);
  });
});

test('composed instruments run from the outside in, and the result passes through both', async () => {
  const order: string[] = [];
  const noting =
    (name: string): Instrument =>
    async (_operation, run) => {
      order.push(`${name} before`);
      const result = await run();
      order.push(`${name} after`);
      return result;
    };
  const composed = composeInstruments(noting('outer'), noting('inner'));
  const result = { outcome: 'hit' as const };
  const operation = { name: 'byId', kind: 'read' } as const;
  expect(await composed(operation, () => Promise.resolve(result))).toBe(result);
  expect(order).toEqual(['outer before', 'inner before', 'inner after', 'outer after']);
});

test('the instrument of the metrics fits the seam of the engine', async () => {
  const metrics = createMetrics();
  const instrument: Instrument = createDurationInstrument({ metrics, classifier: cacheSuccess });
  await instrument({ name: 'updatePrice', kind: 'write' }, () => endAs('deferred'));
  const { text } = await metrics.expose();
  expect(text).toContain(
    'product_write_duration_seconds_count{operation="updatePrice",cache_success="false"} 1',
  );
});

async function endAs(outcome: CacheOutcome) {
  return { outcome };
}

function startChangeLog() {
  const written: string[] = [];
  const destination = { write: (line: string) => void written.push(line) };
  const instrument = createChangeLog(createLogger({ level: 'info', destination }));
  return { instrument, lines: () => written.map((line) => JSON.parse(line) as unknown) };
}
