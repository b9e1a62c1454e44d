import { CommitOutcomeUnknownError } from '@throughline/write-through';
import { once } from 'node:events';
import { type IncomingMessage, request as openRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { inputOf, startService, type RunningService } from './testing/running-service.ts';
import { inAnHourSeconds, sign } from './testing/tokens.ts';

let service: RunningService;
let token: string;

beforeEach(async () => {
  service = await startService();
  const scope = 'catalog:read catalog:write cache:admin';
  token = await sign({ sub: 'someone', scope, exp: inAnHourSeconds });
  return () => service[Symbol.asyncDispose]();
});

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly serviceCode: string | undefined;
  readonly body: unknown;
}

const refusal = z.object({ error: z.object({ data: z.object({ serviceCode: z.string() }) }) });

/** Sends a mutation with these headers of the name Idempotency-Key, each on a line of its own. */
async function mutate(path: string, input: unknown, keys?: string | string[]): Promise<Answer> {
  const sent = openRequest(`${service.url}/${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      ...(keys !== undefined && { 'idempotency-key': keys }),
    },
  });
  sent.end(JSON.stringify(input));
  const [response] = z.tuple([z.custom<IncomingMessage>()]).parse(await once(sent, 'response'));
  const body: unknown = JSON.parse(await text(response));
  const serviceCode = refusal.safeParse(body).data?.error.data.serviceCode;
  return { status: response.statusCode, headers: response.headers, serviceCode, body };
}

const category = { name: 'Tools', slug: 'tools' };

describe('the header Idempotency-Key', () => {
  test.each(['k', '!~"\'', '8e03978e-40d5-43dd-bc93-6894a57f9324', 'x'.repeat(128)])(
    'with %j reaches the repository beside subject and procedure',
    async (key) => {
      expect((await mutate('category.create', category, key)).status).toBe(200);
      const procedure = 'category.create';
      expect(service.products.requests).toEqual([{ subject: 'someone', procedure, key }]);
    },
  );

  test.each([
    ['nothing', ''],
    ['129 characters', 'x'.repeat(129)],
    ['a blank within', 'a b'],
    ['a tab within', 'a\tb'],
    ['a letter beyond ASCII', 'ä'],
    ['two headers', ['a', 'b']],
    ['the same header twice', ['a', 'a']],
  ])('with %s is refused in words, and nothing runs', async (_, keys) => {
    const answer = await mutate('category.create', category, keys);
    expect([answer.status, answer.serviceCode]).toEqual([400, 'IDEMPOTENCY_KEY_INVALID']);
    expect(JSON.stringify(answer.body)).toContain('1 to 128 visible ASCII characters');
    expect(service.products.requests).toEqual([]);
  });

  test('is optional', async () => {
    expect((await mutate('category.create', category)).status).toBe(200);
    expect(service.products.requests).toEqual([undefined]);
  });

  test('stands for a subject without a name where the token has none', async () => {
    token = await sign({ scope: 'catalog:write', exp: inAnHourSeconds });
    await mutate('category.create', category, 'k');
    expect(service.products.requests).toMatchObject([{ subject: null, key: 'k' }]);
  });

  test('comes with every procedure that changes the catalogue', async () => {
    const { products } = service;
    await mutate('category.create', category, 'k');
    const product = { sku: 'A', name: 'A', price: '1.00', categoryId: 1 };
    await mutate('product.create', product, 'k');
    await mutate('product.update', { id: 1, name: 'B' }, 'k');
    await mutate('product.updatePrice', { id: 1, price: '2.00' }, 'k');
    await mutate('product.adjustStock', { id: 1, delta: 1 }, 'k');
    await mutate('product.delete', { id: 1 }, 'k');
    expect(products.requests.map((request) => request?.procedure)).toEqual([
      'category.create',
      'product.create',
      'product.update',
      'product.updatePrice',
      'product.adjustStock',
      'product.delete',
    ]);
  });

  test('says nothing on a query, whatever it holds', async () => {
    const headers = { 'idempotency-key': 'not a key' };
    const batch = `category.list,category.list?batch=1&input=${inputOf({})}`;
    for (const path of ['category.list', batch]) {
      const response = await service.request(path, { headers });
      expect(response.status).toBe(200);
      expect(response.headers.has('idempotency-replayed')).toBe(false);
    }
  });

  test('says nothing on the administration of the cache, which may be repeated anyway', async () => {
    for (let call = 1; call <= 2; call += 1) {
      const answer = await mutate('cache.invalidate', { key: 'product:1' }, 'k');
      expect(answer.status).toBe(200);
      expect(answer.headers).not.toHaveProperty('idempotency-replayed');
    }
    expect(service.admin.invalidated).toEqual(['product:1', 'product:1']);
  });

  test.each(['category.create,category.create', 'category.create%2Cproduct.delete'])(
    'is refused on the batch %s before anything of it runs',
    async (paths) => {
      const inputs = { 0: category, 1: { ...category, slug: 'other' } };
      const answer = await mutate(`${paths}?batch=1`, inputs, 'k');
      expect([answer.status, answer.serviceCode]).toEqual([400, 'IDEMPOTENCY_KEY_BATCHED']);
      expect(service.products.requests).toEqual([]);
      expect((await mutate(`${paths}?batch=1`, inputs)).serviceCode).toBeUndefined();
    },
  );

  test('is accepted on a batch of one', async () => {
    const answer = await mutate('category.create?batch=1', { 0: category }, 'k');
    expect(answer.status).toBe(200);
    expect(service.products.requests).toMatchObject([{ key: 'k' }]);
  });
});

test('an answer that is given again says so in a header, a first one does not', async () => {
  await mutate('category.create', category, 'k');
  const input = { sku: 'A', name: 'A', price: '1.00', categoryId: 1 };
  const first = await mutate('product.create', input, 'k');
  expect(first.headers).not.toHaveProperty('idempotency-replayed');
  service.products.replays = true;
  const again = await mutate('product.create', { ...input, sku: 'B' }, 'k');
  expect(again.headers).toMatchObject({ 'idempotency-replayed': 'true', 'x-cache': 'none' });
});

test('an unknown outcome may be repeated with the key that was sent, and only then', async () => {
  service.products.failure = new CommitOutcomeUnknownError();
  const told = z.object({ error: z.object({ data: z.looseObject({}) }) });
  const dataOf = (answer: Answer) => told.parse(answer.body).error.data;
  const input = { id: 1 };
  const withKey = dataOf(await mutate('product.delete', input, 'k'));
  expect(withKey).toMatchObject({ serviceCode: 'COMMIT_OUTCOME_UNKNOWN', retryable: true });
  expect(withKey).not.toHaveProperty('outcome');
  const without = dataOf(await mutate('product.delete', input));
  expect(without).toMatchObject({ serviceCode: 'COMMIT_OUTCOME_UNKNOWN', outcome: 'unknown' });
  expect(without).not.toHaveProperty('retryable');
});
