import { beforeEach, expect, test } from 'vitest';
import { createClient } from './client.ts';
import { type Failure, failureOf } from './failure.ts';
import {
  answering,
  cut,
  type FaultyService,
  json,
  refusing,
  startFaultyService,
} from './testing/faulty-service.ts';

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

/** How the service refuses a subscription: within the stream. */
function refusingInStream(serviceCode: string, headers: Record<string, string> = {}) {
  const data = { code: 'TOO_MANY_REQUESTS', httpStatus: 429, serviceCode, retryable: true };
  const error = { message: 'Later.', code: -32029, data };
  return answering(200, `event: serialized-error\ndata: ${JSON.stringify(error)}\n\n`, {
    'content-type': 'text/event-stream',
    ...headers,
  });
}

test('a subscription that is refused for the moment is made again after the pause that is asked for, from where it was', async () => {
  service.products.events.splice(0, Infinity, { id: '5', event: { type: 'caught-up' } });
  using subscriber = follow(() => 'token');
  await expect.poll(() => subscriber.told).toEqual(['5']);
  service.faults.push(refusingInStream('RATE_LIMITED', { 'retry-after': '1' }));
  service.products.events.splice(0, Infinity, { id: '6', event: { type: 'caught-up' } });
  service.cutAll();
  await expect.poll(() => subscriber.told, { timeout: 10_000 }).toEqual(['5', '6']);
  const [, refused, again] = service.requests;
  expect((again?.atMs ?? 0) - (refused?.atMs ?? 0)).toBeGreaterThan(900);
  expect(decodeURIComponent(again?.path ?? '')).toContain('{"lastEventId":"5"}');
}, 20_000);

test('a subscription that waits to be made again is made no more once it is given up', async () => {
  service.faults.push(refusingInStream('RATE_LIMITED', { 'retry-after': '1' }));
  const subscriber = follow(() => 'token');
  await expect.poll(() => service.requests.length).toBe(1);
  subscriber[Symbol.dispose]();
  using later = follow(() => 'token');
  service.faults.push(refusingInStream('RATE_LIMITED', { 'retry-after': '2' }));
  await expect.poll(() => later.told.length, { timeout: 10_000 }).toBeGreaterThan(0);
  expect(service.requests).toHaveLength(3);
}, 20_000);

test.each([
  ['a page', answering(401, '<html>'), 'ANSWER_UNREADABLE'],
  ['a page that says that all is well', answering(200, '<html>'), 'ANSWER_UNREADABLE'],
  ['the page of a proxy that limits', answering(429, '<html>'), 'ANSWER_UNREADABLE'],
  ['JSON of something else', answering(200, '{"message":"hello"}', json), 'ANSWER_UNREADABLE'],
  ['a refusal before any stream', refusing('URL_TOO_LONG', {}, 414), 'URL_TOO_LONG'],
] as const)('a subscription that %s answers ends with it', async (_, answer, code) => {
  service.faults.push(answer);
  using subscriber = follow(() => 'token');
  expect(await subscriber.ended).toMatchObject({ code, retryable: false });
  expect(service.requests).toHaveLength(1);
});
