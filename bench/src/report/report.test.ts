import { expect, test } from 'vitest';
import { judge, unmeasured } from '../ratio.ts';
import { barChart } from './bar-chart.ts';
import { lineChart } from './line-chart.ts';
import { figure } from './markdown-table.ts';
import { withParts } from './page.ts';
import { ratioTable, workloadTables } from './tables.ts';

const parts = {
  id: '1a',
  says: 'CPU beside the limit',
  sense: 'at most',
  target: 1.7,
} as const;

test('a ratio is told with its target, its spread, the noise and the verdict', () => {
  const [, , line] = ratioTable([judge({ ...parts, noise: 0.04, values: [1, 2, 3] })]).split('\n');
  expect(line).toBe(
    '| 1a | CPU beside the limit | at most 1.7 | 2.00 | 1.50 to 2.50 | 1.00 to 3.00 | 4 % | falls short |',
  );
});

test('a ratio without a figure says why', () => {
  const table = ratioTable([unmeasured(parts, 'no workers')]);
  expect(table).toContain('CPU beside the limit (no workers)');
  expect(table).toContain('not measured');
});

test('the variant that needs least CPU comes first', () => {
  const turn = { callsPerSecond: 1, p50Ms: 1, p99Ms: 2 };
  const table = workloadTables([
    { workload: 'hot key', variant: 'stock', turns: [{ ...turn, cpuMicrosPerCall: 300 }] },
    { workload: 'hot key', variant: 'ours', turns: [{ ...turn, cpuMicrosPerCall: 90 }] },
  ]);
  expect(table.indexOf('ours')).toBeLessThan(table.indexOf('stock'));
  expect(table).toContain('| ours | 90.0 | 90.0 to 90.0 | 1.00 | 1.00 | 2.00 |');
});

test('prose around a generated part stays as it was', () => {
  const page = 'before\n<!-- bench:ratios -->\nold\n<!-- /bench:ratios -->\nafter';
  expect(withParts(page, { ratios: 'new' })).toBe(
    'before\n<!-- bench:ratios -->\n\nnew\n\n<!-- /bench:ratios -->\nafter',
  );
  expect(() => withParts(page, { machine: 'new' })).toThrow('no place for "machine"');
});

test('bars are as long as their values are to each other, and names cannot break the picture', () => {
  const bars = [
    { name: 'a < b', value: 50, isOurs: true },
    { name: 'c', value: 100, isOurs: false },
  ];
  const picture = barChart('CPU', bars);
  expect([...picture.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, w]) => Number(w))).toEqual([
    245, 490,
  ]);
  expect(picture).toContain('a &lt; b');
});

test('equal factors of x are equal distances, and what is twice as much stands twice as high', () => {
  const points = [
    { x: 100, y: 10 },
    { x: 10_000, y: 20 },
    { x: 1_000_000, y: 20 },
  ];
  const line = { name: 'ours', points };
  const picture = lineChart({
    name: 'products',
    title: 'Growth',
    xLabel: 'products',
    yLabel: 'µs',
    lines: [line],
  });
  const dots = [...picture.matchAll(/cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => ({
    x: Number(x),
    y: Number(y),
  }));
  const [first, second, third] = dots;
  const zero = 340 - 48;
  expect(dots).toHaveLength(3);
  expect(Number(second?.x) - Number(first?.x)).toBe(Number(third?.x) - Number(second?.x));
  expect(zero - Number(second?.y)).toBe(2 * (zero - Number(first?.y)));
});

test('a figure has as many digits as it is worth', () => {
  expect([1.234, 12.34, 123.4, 12_345].map(figure)).toEqual(['1.23', '12.3', '123', '12,345']);
});
