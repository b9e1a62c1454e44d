import { expect, test } from 'vitest';
import { unfiltered } from './unfiltered.ts';

test('a comparison says yes or no instead of leaving out, and the past is now', () => {
  expect(unfiltered('a > 0.1 and b offset 1w >= bool 2')).toBe('a > bool 0.1 and b  >= bool 2');
  expect(unfiltered('rate(a[5m] offset 1w) == 0')).toBe('rate(a[5m] ) == bool 0');
  expect(unfiltered('a{b="1",c=~"x|y"} / (d > 0) < 0.9')).toBe(
    'a{b="1",c=~"x|y"} / (d > bool 0) < bool 0.9',
  );
});

test('what compares nothing stays as it is', () => {
  const expr = 'sum by (job) (rate(a{b!="1"}[5m])) or vector(0)';
  expect(unfiltered(expr)).toBe(expr);
});
