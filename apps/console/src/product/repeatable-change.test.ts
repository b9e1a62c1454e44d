import { createClient } from '@throughline/client';
import { beforeEach, expect, test } from 'vitest';
import { RepeatableChange } from './repeatable-change.ts';

/** The key of each request that was sent. */
let keys: (string | null)[];
/** What becomes of the next requests. */
let fates: ('lost' | 'refused' | 'made')[];
let send: (price: string) => Promise<unknown>;

beforeEach(() => {
  keys = [];
  const client = createClient({
    url: 'http://service.invalid/trpc',
    retryForMs: 0,
    fetch: async (_, init) => {
      keys.push(new Headers(init?.headers).get('idempotency-key'));
      const fate = fates.shift();
      if (fate === 'lost') throw new TypeError('The connection was cut.');
      return fate === 'refused' ? refusal() : Response.json({ result: { data: {} } });
    },
  });
  const change = new RepeatableChange<{ id: number; price: string }>();
  send = async (price) =>
    change.send({ id: 1, price }, async (input, options) =>
      client.product.updatePrice.mutate(input, options),
    );
});

test('after an answer that was lost the same is sent with its key, also when it was refused in between', async () => {
  fates = ['lost', 'refused', 'made'];
  await expect(send('1.00')).rejects.toThrow('The connection was cut.');
  await expect(send('1.00')).rejects.toThrow('Too many requests.');
  await send('1.00');
  expect(keys).toEqual([keys[0], keys[0], keys[0]]);
  expect(keys[0]).toMatch(/./);
});

test.each<[string, typeof fates, string[]]>([
  ['a refusal alone', ['refused', 'made'], ['1.00', '1.00']],
  ['another input', ['lost', 'made'], ['1.00', '2.00']],
  ['a success', ['lost', 'made', 'made'], ['1.00', '1.00', '1.00']],
])('after %s the next key is a fresh one', async (_, given, prices) => {
  fates = given;
  for (const price of prices) await send(price).catch(() => {});
  expect(keys.at(-1)).not.toBe(keys.at(-2));
});

function refusal(): Response {
  const data = {
    code: 'TOO_MANY_REQUESTS',
    httpStatus: 429,
    serviceCode: 'RATE_LIMITED',
    retryable: true,
  };
  const error = { message: 'Too many requests.', code: -32029, data };
  return Response.json({ error }, { status: 429 });
}
