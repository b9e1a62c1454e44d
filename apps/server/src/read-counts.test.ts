import { expect, test } from 'vitest';
import { ReadCounts } from './read-counts.ts';

test('the hit ratio is the share that an entry answered, and nothing before the first read', () => {
  const counted = new ReadCounts();
  expect(counted.hitRatio).toBeNull();
  for (const outcome of ['hit', 'hit', 'negative', 'miss', 'pending', 'bypass', 'error'] as const) {
    counted.note(outcome);
  }
  counted.note('hit');
  expect(counted.counts).toEqual({ hit: 3, negative: 1, miss: 1, pending: 1, bypass: 1, error: 1 });
  expect(counted.hitRatio).toBe(4 / 8);
});

test('what was told once does not change with what follows', () => {
  const counted = new ReadCounts();
  const before = counted.counts;
  counted.note('hit');
  expect(before.hit).toBe(0);
});
