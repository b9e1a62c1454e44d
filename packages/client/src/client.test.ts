import { createAppRouter, createRequestContext } from '@throughline/api';
import { InMemoryCacheAdmin, InMemoryProducts } from '@throughline/api/testing';
import { createHTTPServer } from '@trpc/server/adapters/standalone';
import { once } from 'node:events';
import { beforeEach, expect, expectTypeOf, test } from 'vitest';
import { isThroughlineError } from './client-error.ts';
import { createClient } from './client.ts';

let url: string;
/** The requests that arrived, each with its path and its Authorization header. */
let requests: { path: string; authorization: string | undefined }[];

let products: InMemoryProducts;

beforeEach(async () => {
  requests = [];
  products = new InMemoryProducts();
  const admin = new InMemoryCacheAdmin();
  const server = createHTTPServer({
    router: createAppRouter({ products, admin, status: notAsked }),
    createContext: ({ req }) => {
      requests.push({ path: req.url ?? '', authorization: req.headers.authorization });
      return createRequestContext({
        auth: { kind: 'anonymous' },
        publicReads: true,
        timing: { cacheMs: 0, databaseMs: 0 },
      });
    },
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  return () => server.close();
});

test('a product is read as it was written, alone and on a page, by itself and in a batch', async () => {
  const { value: category } = await products.createCategory({ name: 'Tools', slug: 'tools' });
  const written = { sku: 'A-1', name: 'Saw “7”', price: '19.90', stock: 3, description: '' };
  const input = { ...written, categoryId: category.id, images: [] };
  const { value: product } = await products.create(input);
  const client = createClient({ url });
  expect(await client.product.byId.query({ id: product.id })).toEqual(product);
  const [byIds, page, popular] = await Promise.all([
    client.product.byIds.query({ ids: [product.id, 2, product.id] }),
    client.product.byCategory.query({ categoryId: category.id }),
    client.product.popular.query(),
  ]);
  expect(byIds).toEqual([product, null, product]);
  expect(page).toEqual({ items: [product], nextCursor: null });
  expect(popular).toEqual([product]);
});

test('calls of one tick travel as one batch, and each gets its own answer', async () => {
  const client = createClient({ url });
  const calls = [client.product.byIds.query({ ids: [1] }), client.product.popular.query()] as const;
  expect(await Promise.all(calls)).toEqual([[null], []]);
  expect(requests).toHaveLength(1);
});

test('a batch is split before the service would refuse its number of calls', async () => {
  const client = createClient({ url });
  await Promise.all(Array.from({ length: 101 }, () => client.category.list.query()));
  expect(requests).toHaveLength(2);
});

test('a batch is split before the service would refuse its URL', async () => {
  const client = createClient({ url });
  const query = 'x'.repeat(100);
  await Promise.all(Array.from({ length: 100 }, () => client.product.search.query({ query })));
  expect(requests.length).toBeGreaterThan(1);
  for (const { path } of requests) expect(path.length).toBeLessThanOrEqual(8192);
});

test('a mutation travels alone, so that none fails for the size of its neighbours', async () => {
  const client = createClient({ url });
  const deletions = [1, 2, 3].map(async (id) => client.product.delete.mutate({ id }));
  await Promise.allSettled(deletions);
  expect(requests.map(({ path }) => path)).toEqual(Array(3).fill('/product.delete'));
});

test('without a token no credentials are sent', async () => {
  await createClient({ url }).category.list.query();
  expect(requests).toMatchObject([{ authorization: undefined }]);
});

test('a token is sent as it is, a function is asked for each request', async () => {
  await createClient({ url, token: 'one' }).category.list.query();
  let count = 0;
  const client = createClient({ url, token: () => Promise.resolve(`token-${++count}`) });
  await client.category.list.query();
  await client.category.list.query();
  const sent = requests.map(({ authorization }) => authorization);
  expect(sent).toEqual(['Bearer one', 'Bearer token-1', 'Bearer token-2']);
});

test('a refusal tells its service code, in a type that knows every one', async () => {
  const client = createClient({ url });
  const err: unknown = await client.product.byId
    .query({ id: 1 })
    .catch((reason: unknown) => reason);
  if (!isThroughlineError(err)) throw err;
  expect(err.data).toMatchObject({ code: 'NOT_FOUND', serviceCode: 'PRODUCT_NOT_FOUND' });
  expectTypeOf(err.data?.currentVersion).toEqualTypeOf<number | undefined>();
  expectTypeOf(err.data?.retryable).toEqualTypeOf<true | undefined>();
});

test('a service that is away is an error of the client without data', async () => {
  const away = createClient({ url: 'http://127.0.0.1:1', retryForMs: 0 });
  const err: unknown = await away.category.list.query().catch((reason: unknown) => reason);
  if (!isThroughlineError(err)) throw err;
  expect(err.data).toBeUndefined();
});

test('inputs and answers are typed from end to end', () => {
  const client = createClient({ url });
  type Input = Parameters<typeof client.product.updatePrice.mutate>[0];
  expectTypeOf<Input['price']>().toEqualTypeOf<string>();
  type Answer = Awaited<ReturnType<typeof client.product.byIds.query>>;
  type Product = Awaited<ReturnType<typeof client.product.update.mutate>>;
  expectTypeOf<Answer>().toEqualTypeOf<(Product | null)[]>();
  expectTypeOf(client.product.byId.query).returns.resolves.toEqualTypeOf<Product>();
  expectTypeOf(client.product.popular.query).returns.resolves.toEqualTypeOf<Product[]>();
  type Page = Awaited<ReturnType<typeof client.product.byCategory.query>>;
  expectTypeOf<Page['items']>().toEqualTypeOf<Product[]>();
  expectTypeOf<NonNullable<Answer[number]>['category']['slug']>().toEqualTypeOf<string>();
});

test('the error of someone else is not one of the client', () => {
  expect(isThroughlineError(new Error('other'))).toBe(false);
});

function notAsked(): never {
  throw new Error('The status is not asked for here.');
}
