import { expect, test } from 'vitest';
import { zipf } from './zipf.ts';

test('the first is drawn as often as its share says', () => {
  const shares = Array.from({ length: 100 }, (_, index) => (index + 1) ** -0.99);
  const expected = 1 / shares.reduce((sum, share) => sum + share, 0);
  let drawn = 0;
  let step = 0;
  const draw = zipf(100, () => (step += 1) / 10_001);
  for (let count = 0; count < 10_000; count += 1) drawn += Number(draw() === 1);
  expect(drawn / 10_000).toBeCloseTo(expected, 3);
});

test('the ends of what is drawn are the first and the last', () => {
  expect(zipf(5, () => 0)()).toBe(1);
  expect(zipf(5, () => 1 - Number.EPSILON)()).toBe(5);
});
