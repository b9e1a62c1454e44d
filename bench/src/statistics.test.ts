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

test('noise is how far the quartiles of like by like are from one', () => {
  expect(noiseOf([1, 1, 1])).toBe(0);
  expect(noiseOf([0.8, 0.9, 1, 1.05, 1.3])).toBeCloseTo(0.1);
});
