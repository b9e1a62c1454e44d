import { scopes, type Scope } from '@throughline/api';
import { isThroughlineError, type ThroughlineClient } from '@throughline/client';
import { describe, expect, test } from 'vitest';
import { startService } from './testing/running-service.ts';
import { anHourAgoSeconds, sign, tokenWith } from './testing/tokens.ts';

/** Every procedure with the scope that the contract gives it, and a call that gets past its input. */
const calls: [string, Scope, (client: ThroughlineClient) => Promise<unknown>][] = [
  ['product.byId', 'catalog:read', (client) => client.product.byId.query({ id: 1 })],
  ['product.byIds', 'catalog:read', (client) => client.product.byIds.query({ ids: [1] })],
  ['product.byCategory', 'catalog:read', (c) => c.product.byCategory.query({ categoryId: 1 })],
  ['product.search', 'catalog:read', (client) => client.product.search.query({ query: 'a' })],
  ['product.popular', 'catalog:read', (client) => client.product.popular.query({})],
  ['category.list', 'catalog:read', (client) => client.category.list.query()],
  ['product.create', 'catalog:write', (client) => client.product.create.mutate(newProduct)],
  ['product.update', 'catalog:write', (client) => client.product.update.mutate({ id: 1 })],
  [
    'product.updatePrice',
    'catalog:write',
    (c) => c.product.updatePrice.mutate({ id: 1, price: '1.00' }),
  ],
  [
    'product.adjustStock',
    'catalog:write',
    (c) => c.product.adjustStock.mutate({ id: 1, delta: 1 }),
  ],
  ['product.delete', 'catalog:write', (client) => client.product.delete.mutate({ id: 1 })],
  ['category.create', 'catalog:write', (c) => c.category.create.mutate({ name: 'A', slug: 'a' })],
  ['cache.status', 'cache:admin', (client) => client.cache.status.query()],
  ['cache.invalidate', 'cache:admin', (c) => c.cache.invalidate.mutate({ key: 'product:1' })],
  ['cache.reset', 'cache:admin', (client) => client.cache.reset.mutate()],
  ['cache.inspect', 'cache:admin', (client) => client.cache.inspect.query({ key: 'product:1' })],
  ['cache.warm', 'cache:admin', (client) => client.cache.warm.mutate({ count: 1 })],
  ['cache.verify', 'cache:admin', (client) => client.cache.verify.mutate({ sample: 1 })],
];
const newProduct = { sku: 'A', name: 'A', price: '1.00', categoryId: 1 };

describe.each(calls)('%s', (_name, scope, call) => {
  test(`with a token is for ${scope} alone`, async () => {
    await using service = await startService(false);
    const outcomes = scopes.map(async (granted) => {
      return [granted, await outcomeOf(call(await service.clientWith(granted)))];
    });
    expect(await Promise.all(outcomes)).toEqual(
      scopes.map((granted) => [granted, granted === scope ? 'allowed' : 'SCOPE_MISSING']),
    );
  });

  test('without a token is refused, unless reads are public and it is one', async () => {
    await using closed = await startService(false);
    expect(await outcomeOf(call(await closed.clientWith()))).toBe('TOKEN_MISSING');
    await using open = await startService(true);
    const expected = scope === 'catalog:read' ? 'allowed' : 'TOKEN_MISSING';
    expect(await outcomeOf(call(await open.clientWith()))).toBe(expected);
  });
});

test('a token that is sent must be valid even where reads are public', async () => {
  await using service = await startService(true);
  const expired = await sign({ scope: 'catalog:read', exp: anHourAgoSeconds });
  const headers = { authorization: `Bearer ${expired}` };
  const response = await service.request('category.list', { headers });
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toBe('Bearer');
});

test('whatever is wrong with credentials, the answer is the same', async () => {
  await using service = await startService();
  const wrong = [
    `Bearer ${await sign({ exp: anHourAgoSeconds })}`,
    `Bearer ${await sign({ scope: 'catalog:read' })}`,
    `Bearer ${(await tokenWith('catalog:read')).slice(0, -2)}`,
    'Basic dXNlcjpwYXNz',
  ];
  const answers = wrong.map(async (authorization) => {
    const response = await service.request('category.list', { headers: { authorization } });
    return response.text();
  });
  expect(new Set(await Promise.all(answers)).size).toBe(1);
});

test('who may not call a procedure is not told what is wrong with the input', async () => {
  await using service = await startService(false);
  const response = await service.request('product.byId?input=%7B%7D');
  expect(response.status).toBe(401);
});

/** The refusal of a call; one that fails for another reason was allowed. */
async function outcomeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'allowed';
  } catch (err) {
    if (!isThroughlineError(err)) throw err;
    const { serviceCode = 'no answer' } = err.data ?? {};
    return serviceCode.endsWith('_NOT_FOUND') ? 'allowed' : serviceCode;
  }
}
