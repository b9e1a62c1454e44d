import { expect, test } from 'vitest';
import { StaleChecker } from './stale-checker.ts';

test('an older version after an acknowledged write is stale', () => {
  const checker = new StaleChecker();
  checker.acknowledged(7, 3);
  const floor = checker.floor(7);
  checker.read(2, floor);
  checker.read(3, floor);
  expect(checker.counts).toEqual({ reads: 2, stale: 1, writes: 1 });
});

test('a read that began before the write was acknowledged may return the version of before', () => {
  const checker = new StaleChecker();
  const floor = checker.floor(7);
  checker.acknowledged(7, 3);
  checker.read(2, floor);
  expect(checker.counts.stale).toBe(0);
});

test('a newer version than the last acknowledged is none of the stale', () => {
  const checker = new StaleChecker();
  checker.acknowledged(7, 3);
  checker.read(4, checker.floor(7));
  expect(checker.counts.stale).toBe(0);
});

test('acknowledgements that overtake each other do not lower what is known', () => {
  const checker = new StaleChecker();
  checker.acknowledged(7, 5);
  checker.acknowledged(7, 4);
  expect(checker.floor(7)).toBe(5);
});

test('products are told apart', () => {
  const checker = new StaleChecker();
  checker.acknowledged(7, 5);
  checker.read(1, checker.floor(8));
  expect(checker.counts.stale).toBe(0);
});
