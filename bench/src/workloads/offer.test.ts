import { expect, test } from 'vitest';
import { offer } from './offer.ts';

test('as many are asked as are offered, however slow the answers', async () => {
  let asked = 0;
  const { promise: allAsked, resolve } = Promise.withResolvers<void>();
  const result = await offer({
    perSecond: 1_000,
    seconds: 0.05,
    ask: async () => {
      asked += 1;
      if (asked === 50) resolve();
      // Nobody is answered before the last was asked.
      await allAsked;
    },
  });
  expect(asked).toBe(50);
  expect(result.answered).toBe(50);
});

test('the time counts from the moment at which a question was due', async () => {
  const { promise: lastAsked, resolve } = Promise.withResolvers<void>();
  let asked = 0;
  const { p99Ms } = await offer({
    perSecond: 1_000,
    seconds: 0.1,
    ask: async () => {
      asked += 1;
      if (asked === 100) resolve();
      await lastAsked;
    },
  });
  expect(p99Ms).toBeGreaterThanOrEqual(90);
});

test('a question that is refused ends the offer', async () => {
  const refused = offer({
    perSecond: 1_000,
    seconds: 0.01,
    ask: async () => {
      throw new Error('no');
    },
  });
  await expect(refused).rejects.toThrow('no');
});
