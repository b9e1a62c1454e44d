import * as repository from '@throughline/product-repository';
import {
  CacheUnavailableError,
  CommitOutcomeUnknownError,
  DatabaseUnavailableError,
  WriteContendedError,
} from '@throughline/write-through';
import { isThroughlineError, type ThroughlineClient } from '@throughline/client';
import { beforeEach, expect, test } from 'vitest';
import { startService, type RunningService } from './testing/running-service.ts';

let service: RunningService;
let client: ThroughlineClient;
const leak = 'SELECT secret FROM products; redis://db-7.internal:6379 throughline:p:1';

beforeEach(async () => {
  service = await startService();
  client = await service.clientWith('catalog:read', 'catalog:write');
  return () => service[Symbol.asyncDispose]();
});

test('a missing product is NOT_FOUND, to readers and to writers', async () => {
  const missing = { code: 'NOT_FOUND', serviceCode: 'PRODUCT_NOT_FOUND' };
  expect(await dataOf(client.product.byId.query({ id: 1 }))).toMatchObject(missing);
  const write = client.product.updatePrice.mutate({ id: 1, price: '1.00' });
  expect(await dataOf(write)).toMatchObject(missing);
});

test('a missing category is NOT_FOUND', async () => {
  const call = client.product.create.mutate({ sku: 'A', name: 'A', price: '1.00', categoryId: 9 });
  expect(await dataOf(call)).toMatchObject({
    code: 'NOT_FOUND',
    serviceCode: 'CATEGORY_NOT_FOUND',
  });
});

test('a taken SKU and a taken slug are CONFLICT', async () => {
  const { sku, categoryId } = await createHammer();
  const product = client.product.create.mutate({ sku, name: 'Copy', price: '1.00', categoryId });
  expect(await dataOf(product)).toMatchObject({ code: 'CONFLICT', serviceCode: 'SKU_TAKEN' });
  const category = client.category.create.mutate({ name: 'Copy', slug: 'tools' });
  expect(await dataOf(category)).toMatchObject({ code: 'CONFLICT', serviceCode: 'SLUG_TAKEN' });
});

test('a version that does not match is CONFLICT with the current version', async () => {
  const { id } = await createHammer();
  const call = client.product.updatePrice.mutate({ id, price: '1.00', expectedVersion: 7 });
  expect(await dataOf(call)).toMatchObject({
    code: 'CONFLICT',
    httpStatus: 409,
    serviceCode: 'VERSION_CONFLICT',
    path: 'product.updatePrice',
    currentVersion: 1,
  });
});

test('a stock below zero or beyond what fits is PRECONDITION_FAILED', async () => {
  const { id } = await createHammer();
  const tooLittle = client.product.adjustStock.mutate({ id, delta: -1 });
  expect(await dataOf(tooLittle)).toMatchObject({
    code: 'PRECONDITION_FAILED',
    serviceCode: 'STOCK_INSUFFICIENT',
  });
  await client.product.adjustStock.mutate({ id, delta: 1 });
  const tooMuch = client.product.adjustStock.mutate({ id, delta: 2_147_483_647 });
  expect(await dataOf(tooMuch)).toMatchObject({
    code: 'PRECONDITION_FAILED',
    serviceCode: 'STOCK_TOO_LARGE',
  });
});

test('a cursor of someone else is BAD_REQUEST', async () => {
  const call = client.product.byCategory.query({ categoryId: 1, cursor: 'mine' });
  expect(await dataOf(call)).toMatchObject({ code: 'BAD_REQUEST', serviceCode: 'CURSOR_INVALID' });
});

test('bad input is BAD_REQUEST with the flattened issues', async () => {
  // @ts-expect-error the client's types refuse what the service must refuse too
  const call = client.product.create.mutate({ sku: '', name: 'A', price: 1.5, extra: true });
  expect(await dataOf(call)).toMatchObject({
    code: 'BAD_REQUEST',
    httpStatus: 400,
    serviceCode: 'INPUT_INVALID',
    zodError: {
      formErrors: [expect.stringContaining('extra')],
      fieldErrors: {
        sku: [expect.any(String)],
        price: [expect.any(String)],
        categoryId: [expect.any(String)],
      },
    },
  });
});

test.each([
  [new CacheUnavailableError(leak), { retryable: true }],
  [new DatabaseUnavailableError(leak), { retryable: true }],
  [new WriteContendedError(leak), { retryable: true }],
  // As the client sends a key with it.
  [new CommitOutcomeUnknownError(leak), { retryable: true }],
])(
  'an outage is SERVICE_UNAVAILABLE and says what became of the write: %o',
  async (err, details) => {
    service.products.failure = err;
    const data = await dataOf(client.product.delete.mutate({ id: 1 }));
    expect(data).toEqual({
      code: 'SERVICE_UNAVAILABLE',
      httpStatus: 503,
      path: 'product.delete',
      serviceCode: err.code,
      ...details,
    });
  },
);

test.each([
  ['an unknown error', new Error(leak)],
  ['an error of a driver', Object.assign(new Error(leak), { sql: leak, code: '23505' })],
  ['an outage with a cause', new DatabaseUnavailableError(leak, { cause: new Error(leak) })],
  ['a refusal with a cause', Object.assign(new repository.SkuTakenError('H'), { cause: leak })],
])('%s carries no SQL, stack, host name or key to the caller', async (_what, err) => {
  service.products.failure = err;
  for (const path of ['product.byId', 'product.byId,product.byId']) {
    for (const accept of ['application/json', 'application/jsonl']) {
      const input = encodeURIComponent(JSON.stringify({ 0: { id: 1 }, 1: { id: 2 } }));
      const headers = { 'trpc-accept': accept };
      const answer = await service.request(`${path}?batch=1&input=${input}`, { headers });
      const text = await answer.text();
      expect(text).toContain('"error"');
      expect(text).not.toMatch(/SELECT|db-7|throughline:|stack|23505|\.ts:/);
    }
  }
});

test('an unknown error is INTERNAL_SERVER_ERROR with a constant message', async () => {
  service.products.failure = new Error(leak);
  const failure = await errorOf(client.product.byId.query({ id: 1 }));
  expect(failure.message).toBe('Something went wrong on our side.');
  expect(failure.data).toMatchObject({ code: 'INTERNAL_SERVER_ERROR', httpStatus: 500 });
});

test('every failed call is logged once, with what the caller is not told', async () => {
  service.products.failure = new Error(leak);
  await errorOf(client.product.byId.query({ id: 1 }));
  const lines = service.log.map((line) => JSON.parse(line) as unknown);
  expect(lines).toHaveLength(1);
  expect(lines).toMatchObject([
    {
      level: 'error',
      path: 'product.byId',
      serviceCode: 'INTERNAL',
      err: { cause: { message: leak } },
    },
  ]);
});

test('a mistake of the caller is logged without a stack, an outage as a warning', async () => {
  await errorOf(client.product.byId.query({ id: 1 }));
  service.products.failure = new DatabaseUnavailableError(leak);
  await errorOf(client.product.byId.query({ id: 1 }));
  const [mistake, outage] = service.log.map((line) => JSON.parse(line) as unknown);
  expect(mistake).toMatchObject({ level: 'info', serviceCode: 'PRODUCT_NOT_FOUND' });
  expect(mistake).not.toHaveProperty('err');
  expect(outage).toMatchObject({ level: 'warn', serviceCode: 'DATABASE_UNAVAILABLE' });
});

async function createHammer() {
  await client.category.create.mutate({ name: 'Tools', slug: 'tools' });
  return client.product.create.mutate({ sku: 'H', name: 'Hammer', price: '19.90', categoryId: 1 });
}

async function errorOf(call: Promise<unknown>) {
  const failure = await call.then(
    () => new Error('The call was answered.'),
    (err: unknown) => err,
  );
  if (!isThroughlineError(failure)) throw failure;
  return failure;
}

async function dataOf(call: Promise<unknown>) {
  return (await errorOf(call)).data;
}
