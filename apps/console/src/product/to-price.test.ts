import { expect, test } from 'vitest';
import { toPrice } from './to-price.ts';

test.each([
  ['24.90', '24.90'],
  ['24.9', '24.90'],
  ['24,90', '24.90'],
  [' 24 ', '24.00'],
  ['0', '0.00'],
  ['007.5', '7.50'],
  ['9999999999.99', '9999999999.99'],
])('"%s" is the price %s', (text, price) => {
  expect(toPrice(text)).toBe(price);
});

test.each(['', '-1', '1.234', '1e3', '12345678901', '.5', 'free'])('"%s" is no price', (text) => {
  expect(toPrice(text)).toBeUndefined();
});
