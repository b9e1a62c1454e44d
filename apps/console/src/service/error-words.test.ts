import { createClient } from '@throughline/client';
import { expect, test } from 'vitest';
import { wordsOf } from './error-words.ts';

const client = createClient({
  url: 'http://service.invalid/trpc',
  retryForMs: 0,
  fetch: async () => Promise.reject(new TypeError('The connection was cut.')),
});

test('that a change is not made twice is said of what carries a key alone', async () => {
  const advices = await Promise.all(
    [client.product.updatePrice.mutate({ id: 1, price: '1.00' }), client.cache.reset.mutate()].map(
      async (call) =>
        call.then(
          () => '',
          (err: unknown) => wordsOf(err).advice,
        ),
    ),
  );
  expect(advices).toEqual([
    expect.stringContaining('it is not made twice'),
    expect.stringContaining('it would be done anew'),
  ]);
});
