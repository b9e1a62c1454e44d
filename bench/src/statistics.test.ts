import { expect, test } from 'vitest';
import { noiseOf, pairedRatios, summarise } from './statistics.ts';

test('the median and the quartiles are those of the sorted measurements', () => {
  expect(summarise([5, 1, 4, 2, 3])).toEqual({
    median: 3,
    lowerQuartile: 2,
    upperQuartile: 4,
    min: 1,
    max: 5,
    count: 5,
  });
});

test('between two measurements a quartile is between them', () => {
  expect(summarise([1, 2])).toMatchObject({
    lowerQuartile: 1.25,
    median: 1.5,
    upperQuartile: 1.75,
  });
});

test('what was not measured has no median', () => {
  expect(() => summarise([])).toThrow('Nothing was measured');
  expect(() => summarise([1, Number.NaN])).toThrow('Not a measurement');
});

test('a machine that is slow for one round leaves the ratio as it is', () => {
  expect(pairedRatios([20, 60, 20], [10, 30, 10])).toEqual([2, 2, 2]);
});

test('rounds that were not measured side by side are not compared', () => {
  expect(() => pairedRatios([1, 2], [1])).toThrow('2 rounds beside 1');
});

test('what strays little from itself, or is measured often, has little noise', () => {
  const rounds = [0.9, 0.95, 1, 1.05, 1.1];
  expect(noiseOf([1, 1, 1])).toBe(0);
  expect(noiseOf(rounds)).toBeCloseTo((1.57 * 0.1) / Math.sqrt(5));
  expect(noiseOf([...rounds, ...rounds, ...rounds, ...rounds])).toBeLessThan(noiseOf(rounds) / 1.9);
});

test('two of the same that always differ have that difference as noise', () => {
  expect(noiseOf([1.2, 1.2, 1.2])).toBeCloseTo(0.2);
});
