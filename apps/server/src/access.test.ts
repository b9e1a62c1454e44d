import { createAppRouter, declaredScopes, scopes, type Scope } from '@throughline/api';
import { InMemoryCacheAdmin, InMemoryProducts } from '@throughline/api/testing';
import { isThroughlineError, type ThroughlineClient } from '@throughline/client';
import { UnsecuredJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { parseConfig, type AuthConfig, type Environment } from './config.ts';
import { startIssuer } from './testing/issuer.ts';
import { rawAnswer } from './testing/raw-answer.ts';
import { cacheStatus, startService, type RunningService } from './testing/running-service.ts';
import { anHourAgoSeconds, inAnHourSeconds, secret, sign } from './testing/tokens.ts';

/** Every procedure with the scope that the contract gives it, and a call that gets past its input. */
const calls: [string, Scope, (client: ThroughlineClient) => Promise<unknown>][] = [
  ['product.byId', 'catalog:read', (client) => client.product.byId.query({ id: 1 })],
  ['product.byIds', 'catalog:read', (client) => client.product.byIds.query({ ids: [1] })],
  ['product.byCategory', 'catalog:read', (c) => c.product.byCategory.query({ categoryId: 1 })],
  ['product.search', 'catalog:read', (client) => client.product.search.query({ query: 'a' })],
  ['product.popular', 'catalog:read', (client) => client.product.popular.query({})],
  ['product.changes', 'catalog:read', firstEvent],
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
  [
    'product.upsertMany',
    'catalog:write',
    (c) => c.product.upsertMany.mutate({ products: [newProduct] }),
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
/** Follows until it is told something, or refused. */
async function firstEvent(client: ThroughlineClient): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const subscription = client.product.changes.subscribe(
    {},
    { onData: () => resolve(), onError: reject },
  );
  await promise.finally(() => subscription.unsubscribe());
}
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

test('every procedure of the router is among those above, with its scope', async () => {
  const router = createAppRouter({
    products: new InMemoryProducts(),
    admin: new InMemoryCacheAdmin(),
    status: () => cacheStatus,
  });
  const declared = [...declaredScopes(router)].map(([name, { scope }]) => [name, scope] as const);
  expect(new Map(calls.map(([name, scope]) => [name, scope]))).toEqual(new Map(declared));
});

test('on loopback without keys, where reads are public, nobody may look after the cache', async () => {
  const { publicReads, ...auth } = authOf({ HOST: '127.0.0.1' });
  expect([publicReads, auth.keys.kind]).toEqual([true, 'none']);
  await using service = await startService(publicReads, { auth });
  for (const [, scope, call] of calls) {
    const outcome = await outcomeOf(call(await service.clientWith()));
    expect(outcome).toBe(scope === 'catalog:read' ? 'allowed' : 'TOKEN_MISSING');
    expect(await outcomeOf(call(await service.clientWith(scope)))).toBe('TOKEN_REJECTED');
  }
});

describe('whatever is wrong with credentials, the answer is the same to its last byte', () => {
  const requests: [string, [string, ...string[]], string][] = [
    ['a query', ['GET /trpc/category.list'], ''],
    ['a query of administrators', ['GET /trpc/cache.status'], ''],
    ['a batch', ['GET /trpc/category.list,product.popular?batch=1&input=%7B%7D'], ''],
    [
      'a mutation',
      ['POST /trpc/cache.reset', 'content-type: application/json', 'content-length: 2'],
      '{}',
    ],
    [
      'a streamed batch',
      ['GET /trpc/category.list?batch=1&input=%7B%7D', 'trpc-accept: application/jsonl'],
      '',
    ],
  ];
  const good = {
    scope: scopes.join(' '),
    exp: inAnHourSeconds,
    aud: 'shop',
    iss: 'https://id.example',
  };

  test.each(requests)('%s', async (_what, lines, body) => {
    await using issuer = await startIssuer();
    await using stranger = await startIssuer();
    const claims = { audience: good.aud, issuer: good.iss };
    await using bySecret = await startService(true, { auth: claims });
    await using byKeySet = await startService(true, {
      auth: { ...claims, keys: { kind: 'jwks', url: issuer.url } },
    });
    const answerTo = async ({ url }: RunningService, authorization: string) =>
      rawAnswer(url, [...lines, `authorization: ${authorization}`], body);
    const valid = await sign(good);
    const wrong: [string, RunningService, string][] = [
      ['expired', bySecret, await sign({ ...good, exp: anHourAgoSeconds })],
      ['without exp', bySecret, await sign({ scope: good.scope, aud: good.aud, iss: good.iss })],
      ['not yet valid', bySecret, await sign({ ...good, nbf: inAnHourSeconds })],
      ['of another audience', bySecret, await sign({ ...good, aud: 'other' })],
      ['of another issuer', bySecret, await sign({ ...good, iss: 'https://other.example' })],
      ['with a bad signature', bySecret, valid.replace(/[^.]+$/, 'AAAA')],
      ['with another algorithm', bySecret, await sign(good, secret, 'HS512')],
      ['without an algorithm', bySecret, new UnsecuredJWT(good).encode()],
      ['that is none', bySecret, 'not-a-token'],
      ['that is empty', bySecret, ''],
      ['of an unknown key', byKeySet, await issuer.sign(good, 'unknown')],
      ['of a stranger under a known name', byKeySet, await stranger.sign(good)],
      ['signed with the secret', byKeySet, valid],
      ['expired, of a known key', byKeySet, await issuer.sign({ ...good, exp: anHourAgoSeconds })],
    ];
    const expected = await answerTo(bySecret, 'Basic dXNlcjpwYXNz');
    expect(expected).toContain('"serviceCode":"TOKEN_REJECTED"');
    for (const [what, service, token] of wrong) {
      expect([what, await answerTo(service, `Bearer ${token}`)]).toEqual([what, expected]);
    }
    expect(await answerTo(bySecret, `Bearer ${valid}`)).not.toBe(expected);
    expect(await answerTo(byKeySet, `Bearer ${await issuer.sign(good)}`)).not.toBe(expected);
  });
});

test('who may not call a procedure is not told what is wrong with the input', async () => {
  await using service = await startService(false);
  const response = await service.request('product.byId?input=%7B%7D');
  expect(response.status).toBe(401);
});

function authOf(environment: Environment): AuthConfig {
  const stores = { DATABASE_URL: 'postgres://db/shop', REDIS_URL: 'redis://cache' };
  const result = parseConfig({ ...stores, ...environment });
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.config.auth;
}

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
