import { beforeEach, expect, test } from 'vitest';
import { createClient } from './client.ts';
import { type Failure, failureOf } from './failure.ts';
import { cut, type FaultyService, startFaultyService } from './testing/faulty-service.ts';

let service: FaultyService;

beforeEach(async () => {
  service = await startFaultyService();
  return () => service[Symbol.asyncDispose]();
});

function follow(token: () => string | Promise<string>) {
  const told: string[] = [];
  const ended = Promise.withResolvers<Failure>();
  const client = createClient({ url: service.url, token });
  const subscription = client.product.changes.subscribe(
    {},
    {
      onData: ({ id }) => told.push(id),
      onError: (err) => ended.resolve(failureOf(err)),
    },
  );
  return { told, ended: ended.promise, [Symbol.dispose]: () => subscription.unsubscribe() };
}

test('a subscription whose token cannot be had ends with that error and sends nothing', async () => {
  const cause = new Error('signed out');
  let asked = 0;
  using subscriber = follow(() => {
    asked += 1;
    return Promise.reject(cause);
  });
  const { code, error } = await subscriber.ended;
  expect(code).toBe('TOKEN_UNAVAILABLE');
  expect(error.cause).toBe(cause);
  expect(asked).toBe(1);
  expect(service.requests).toEqual([]);
});

test('a subscription ends when its token cannot be had for a connection after the first', async () => {
  const cause = new Error('the identity provider is away');
  const tokens = ['one', 'two'];
  service.faults.push(cut);
  service.products.events.splice(0, 1, { id: '5', event: { type: 'caught-up' } });
  using subscriber = follow(() => tokens.shift() ?? Promise.reject(cause));
  await expect.poll(() => subscriber.told, { timeout: 10_000 }).toEqual(['5']);
  service.cutAll();
  expect((await subscriber.ended).error.cause).toBe(cause);
  expect(service.requests.map(({ headers }) => headers.authorization)).toEqual([
    'Bearer one',
    'Bearer two',
  ]);
}, 20_000);

test('a subscription is read with for await, and its error is thrown there', async () => {
  const client = createClient({ url: service.url, token: () => Promise.reject(new Error('none')) });
  const reading = Array.fromAsync(client.product.changes.subscribe({}));
  const failure = await reading.catch((err: unknown) => failureOf(err));
  expect(failure).toMatchObject({ code: 'TOKEN_UNAVAILABLE' });
});
