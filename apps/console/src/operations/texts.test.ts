import { expect, test } from 'vitest';
import { countText, rateText, shareText, timeText } from './texts.ts';

test.each([
  [0, '0 ms'],
  [0.421, '0.42 ms'],
  [4.21, '4.2 ms'],
  [421.4, '421 ms'],
  [4_210, '4.2 s'],
  [42_100, '42 s'],
  [421_000, '7 min'],
  [8_000_000, '2 h'],
  [200_000_000, '2 days'],
])('%d milliseconds are %j', (ms, text) => {
  expect(timeText(ms)).toBe(text);
});

test.each([
  [0, '0 %'],
  [0.0001, '< 0.1 %'],
  [0.5, '50.0 %'],
  [0.9995, '> 99.9 %'],
  [1, '100 %'],
])('the share %d is %j, so that nothing is rounded away', (share, text) => {
  expect(shareText(share)).toBe(text);
});

test.each([
  [0, '0 a second'],
  [0.04, '< 0.1 a second'],
  [3.14, '3.1 a second'],
  [12_345.6, '12,346 a second'],
])('the rate %d is %j', (rate, text) => {
  expect(rateText(rate)).toBe(text);
});

test('numbers of things are grouped by thousands', () => {
  expect(countText(1_234_567)).toBe('1,234,567');
});
