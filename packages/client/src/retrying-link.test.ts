import type { InMemoryProducts } from '@throughline/api/testing';
import type { RequestListener } from 'node:http';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { isThroughlineError } from './client-error.ts';
import { createClient, type ThroughlineClient } from './client.ts';
import { failureOf } from './failure.ts';
import {
  addProduct,
  answering,
  breakOff,
  cut,
  type FaultyService,
  json,
  refusing,
  startFaultyService,
} from './testing/faulty-service.ts';

let url: string;
let client: ThroughlineClient;
let products: InMemoryProducts;
let faults: RequestListener[];
let requests: FaultyService['requests'];

beforeEach(async () => {
  const service = await startFaultyService();
  ({ url, products, faults, requests } = service);
  client = createClient({ url });
  return () => service[Symbol.asyncDispose]();
});

const adjusted = async () => client.product.adjustStock.mutate({ id: 1, delta: 1 });
const keys = () => requests.map(({ headers }) => headers['idempotency-key']);

async function errorOf(call: Promise<unknown>) {
  const err: unknown = await call.catch((reason: unknown) => reason);
  if (!isThroughlineError(err)) throw err;
  return err;
}

describe('a mutation', () => {
  beforeEach(() => addProduct(products));

  test('has a key of its own, or the one that its caller gives', async () => {
    await adjusted();
    await adjusted();
    const context = { idempotencyKey: 'order-17' };
    await client.product.adjustStock.mutate({ id: 1, delta: 1 }, { context });
    expect(keys()).toEqual([
      expect.stringMatching(/^[0-9a-f]{32}$/),
      expect.stringMatching(/^[0-9a-f]{32}$/),
      'order-17',
    ]);
    expect(new Set(keys()).size).toBe(3);
    expect(products.requests.map((request) => request?.key)).toEqual(keys());
  });

  test.each(['', ' ', 'ä', 'x'.repeat(129), 7])('with the key %j is never sent', async (key) => {
    const context = { idempotencyKey: key };
    const call = client.product.adjustStock.mutate({ id: 1, delta: 1 }, { context });
    expect((await errorOf(call)).cause).toBeInstanceOf(TypeError);
    expect(requests).toEqual([]);
  });

  test.each([
    ['the connection is cut', cut],
    ['the answer breaks off', breakOff],
    ['a gateway cannot reach the service', answering(502, '<html>Bad Gateway</html>')],
    ['a gateway has no service', answering(503, '{"message":"no healthy upstream"}', json)],
    ['a gateway has waited too long', answering(504)],
  ])('is sent again with the same key when %s', async (_, fault) => {
    faults.push(fault, fault);
    expect((await adjusted()).stock).toBe(1);
    expect(keys()).toEqual(Array(3).fill(expect.stringMatching(/^[0-9a-f]{32}$/)));
    expect(new Set(keys()).size).toBe(1);
  });

  test('is sent again with the same key when the service says that it may be', async () => {
    faults.push(
      refusing('CACHE_UNAVAILABLE', { retryable: true }),
      refusing('CACHE_UNAVAILABLE', { retryable: true }),
    );
    expect((await adjusted()).stock).toBe(1);
    expect(requests).toHaveLength(3);
    expect(new Set(keys()).size).toBe(1);
  });

  test('waits for a second before it is sent again to a service that is overloaded', async () => {
    faults.push(refusing('DATABASE_OVERLOADED', { retryable: true }));
    await adjusted();
    const [first, second] = requests;
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThan(900);
  });

  test('is not sent again when the service does not say so, though it is unavailable', async () => {
    faults.push(refusing('CACHE_UNAVAILABLE', { outcome: 'unknown' }));
    expect((await errorOf(adjusted())).data).toMatchObject({ outcome: 'unknown' });
    expect(requests).toHaveLength(1);
  });

  test('is not sent again when it was refused', async () => {
    const refused = client.product.adjustStock.mutate({ id: 9, delta: 1 });
    expect((await errorOf(refused)).data?.serviceCode).toBe('PRODUCT_NOT_FOUND');
    products.failure = new Error('a fault of the service');
    expect((await errorOf(adjusted())).data?.serviceCode).toBe('INTERNAL');
    expect(requests).toHaveLength(2);
  });

  test('asks for the token anew each time', async () => {
    let asked = 0;
    client = createClient({ url, token: () => `token-${++asked}` });
    faults.push(cut);
    await adjusted();
    expect(asked).toBe(2);
  });
});

test('queries of one batch are sent again, each on its own account', async () => {
  faults.push(cut, answering(503));
  const calls = [client.product.popular.query(), client.product.byIds.query({ ids: [1] })];
  expect(await Promise.all(calls)).toEqual([[], [null]]);
  expect(keys().every((key) => key === undefined)).toBe(true);
});

describe('a mutation of the cache', () => {
  const mutations: Record<string, () => Promise<unknown>> = {
    warm: async () => client.cache.warm.mutate({ count: 1 }),
    reset: async () => client.cache.reset.mutate(),
    invalidate: async () => client.cache.invalidate.mutate({ key: 'product:1' }),
    verify: async () => client.cache.verify.mutate({ sample: 1 }),
  };

  test.each(Object.entries(mutations))('is sent once, without a key: %s', async (_, mutate) => {
    faults.push(answering(504));
    expect(failureOf(await errorOf(mutate()))).toMatchObject({
      code: 'NO_ANSWER',
      outcome: 'unknown',
      idempotencyKey: undefined,
    });
    expect(keys()).toEqual([undefined]);
  });

  test('is sent again when the service says that it may be, and that nothing took place', async () => {
    faults.push(refusing('OVERLOADED', { retryable: true }));
    expect(await client.cache.reset.mutate()).toEqual({ epoch: 2 });
    expect(requests).toHaveLength(2);
  });

  test('is not sent again when it has ended the epoch without another having begun', async () => {
    faults.push(refusing('CACHE_UNAVAILABLE', { retryable: true }));
    const failure = failureOf(await errorOf(client.cache.reset.mutate()));
    expect(failure).toMatchObject({ code: 'CACHE_UNAVAILABLE', outcome: 'unknown' });
    expect(requests).toHaveLength(1);
  });
});

test('retries end in time, with the last error as it came', async () => {
  client = createClient({ url, retryForMs: 300 });
  faults.push(
    ...Array.from({ length: 1_000 }, () => refusing('CACHE_UNAVAILABLE', { retryable: true })),
  );
  const { data } = await errorOf(client.product.adjustStock.mutate({ id: 1, delta: 1 }));
  expect(data).toMatchObject({ serviceCode: 'CACHE_UNAVAILABLE', retryable: true });
  const times = requests.map(({ atMs }) => atMs);
  expect(requests.length).toBeGreaterThan(1);
  expect(Math.max(...times) - Math.min(...times)).toBeLessThan(3_000);
});

test('without time for retries each call is sent once', async () => {
  client = createClient({ url, retryForMs: 0 });
  faults.push(cut);
  expect((await errorOf(client.product.popular.query())).data).toBeUndefined();
  expect(requests).toHaveLength(1);
});

test.each([
  ['seconds', () => '1'],
  ['a date', () => new Date(Date.now() + 2_000).toUTCString()],
])('a pause that the answer asks for in %s is kept', async (_, retryAfter) => {
  faults.push(answering(503, '', { 'retry-after': retryAfter() }));
  await client.product.popular.query();
  const [first, second] = requests;
  expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThan(900);
});

test('a pause longer than the time for retries ends the call at once', async () => {
  faults.push(answering(503, '', { 'retry-after': '3600' }));
  expect((await errorOf(client.product.popular.query())).message).toContain('503');
  expect(requests).toHaveLength(1);
});

test('a call that is given up while it waits ends at once and is not sent again', async () => {
  using timers = vi.spyOn(globalThis, 'setTimeout');
  const giving = new AbortController();
  const reason = new Error('the page was left');
  faults.push(answering(503, '', { 'retry-after': '9' }));
  const call = client.product.popular.query({}, { signal: giving.signal });
  await expect.poll(() => timers.mock.calls.some(([, ms]) => ms === 9_000)).toBe(true);
  giving.abort(reason);
  expect((await errorOf(call)).cause).toBe(reason);
  expect(requests).toHaveLength(1);
});

test('a call that is given up under way is not sent again', async () => {
  const giving = new AbortController();
  faults.push(() => giving.abort());
  const err = await errorOf(client.product.popular.query({}, { signal: giving.signal }));
  expect(err.cause?.name).toBe('AbortError');
  expect(requests).toHaveLength(1);
});

test('a page that is not of the service, and a token that cannot be had, are told at once', async () => {
  faults.push(answering(404, '<html>'));
  expect(failureOf(await errorOf(client.product.popular.query())).code).toBe('ANSWER_UNREADABLE');
  const cause = new Error('signed out');
  client = createClient({ url, token: () => Promise.reject(cause) });
  expect((await errorOf(client.product.popular.query())).cause).toBe(cause);
  expect(requests).toHaveLength(1);
});
