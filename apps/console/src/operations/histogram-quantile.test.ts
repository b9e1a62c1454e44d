import { expect, test } from 'vitest';
import { histogramQuantile } from './histogram-quantile.ts';

const edges = [1, 10, 100];
const buckets = (...counts: number[]) =>
  edges.map((upToMs, at) => ({ upToMs, count: counts[at] ?? 0 }));

test('without an operation there is no quantile', () => {
  expect(histogramQuantile(0.99, buckets(0, 0, 0), 0)).toBeNull();
  expect(histogramQuantile(0.5, [], 0)).toBeNull();
});

test('operations of a bucket are taken to be spread evenly over it', () => {
  expect(histogramQuantile(0.5, buckets(10, 10, 10), 10)).toBe(0.5);
  expect(histogramQuantile(0.5, buckets(4, 8, 8), 8)).toBe(1);
  expect(histogramQuantile(0.75, buckets(4, 8, 8), 8)).toBe(5.5);
  expect(histogramQuantile(1, buckets(4, 8, 8), 8)).toBe(10);
});

test('buckets without an operation are passed over', () => {
  expect(histogramQuantile(0.5, buckets(0, 0, 2), 2)).toBe(55);
  expect(histogramQuantile(0, buckets(0, 4, 4), 4)).toBe(1);
});

test('what took longer than the last edge is told as that edge', () => {
  expect(histogramQuantile(0.99, buckets(0, 0, 1), 10)).toBe(100);
});
