import { expect, test } from 'vitest';
import { labelSetsOf, seriesMax, type MetricDefinition } from './metric-definition.ts';
import { metricTable, seriesBudget } from './metric-table.ts';

const table: [string, MetricDefinition][] = Object.entries(metricTable);

test('a counter ends with _total, and nothing else does', () => {
  for (const [name, { type }] of table)
    expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
});

test('a histogram says its unit last, and its edges rise', () => {
  for (const [name, definition] of table) {
    if (definition.type !== 'histogram') continue;
    expect(name).toMatch(/_(seconds|bytes|size)$/);
    expect(definition.buckets).toEqual(definition.buckets.toSorted((a, b) => a - b));
  }
});

test('a name says milliseconds or percent nowhere: units are seconds, bytes and ratios', () => {
  for (const [name] of table) expect(name).not.toMatch(/_(ms|millis|milliseconds|percent)(_|$)/);
});

test('help is one sentence', () => {
  for (const [, { help }] of table) expect(help).toMatch(/^[A-Z][^\n"\\]*\.$/);
});

test('all series that a process can have are within what one scrape may take', () => {
  const series = table.map(([, definition]) => seriesMax(definition));
  expect(series.reduce((sum, count) => sum + count, 0)).toBeLessThan(seriesBudget);
  expect(Math.max(...series)).toBeLessThan(3_000);
});

test('the sets of labels are known only if the values of every label are', () => {
  expect(labelSetsOf(metricTable.db_pool_connections)).toEqual([
    { pool: 'reads', state: 'used' },
    { pool: 'reads', state: 'idle' },
    { pool: 'writes', state: 'used' },
    { pool: 'writes', state: 'idle' },
  ]);
  expect(labelSetsOf(metricTable.cache_epoch)).toEqual([{}]);
  expect(labelSetsOf(metricTable.cache_requests_total)).toBeUndefined();
});
