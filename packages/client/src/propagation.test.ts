import { AsyncLocalStorage } from 'node:async_hooks';
import { beforeEach, expect, test } from 'vitest';
import { createClient, type ThroughlineClient } from './client.ts';
import { cut, type FaultyService, startFaultyService } from './testing/faulty-service.ts';

let service: FaultyService;
let client: ThroughlineClient;
/** Stands for the context that a library for traces keeps. */
const span = new AsyncLocalStorage<string>();

beforeEach(async () => {
  service = await startFaultyService();
  client = createClient({
    url: service.url,
    token: async () => Promise.resolve('token'),
    propagate: (headers) => {
      const traceparent = span.getStore();
      if (traceparent !== undefined) headers['traceparent'] = traceparent;
    },
  });
  return () => service[Symbol.asyncDispose]();
});

const sent = () =>
  service.requests.map(
    ({ path, headers }) => `${path.split('?')[0]} ${headers['traceparent']?.toString()}`,
  );

test('every attempt of a call has the headers of the context in which it was made', async () => {
  service.faults.push(cut, cut);
  await span.run('of the call', async () => client.product.popular.query());
  expect(sent()).toEqual(Array.from({ length: 3 }, () => '/product.popular of the call'));
});

test('calls of one tick share a request if they go on with the same trace, and only then', async () => {
  await Promise.all([
    span.run('one', async () => client.product.popular.query()),
    span.run('two', async () => client.category.list.query()),
    span.run('one', async () => client.product.byIds.query({ ids: [1] })),
    client.product.search.query({ query: 'x' }),
  ]);
  expect(sent().toSorted((a, b) => a.localeCompare(b))).toEqual([
    '/category.list two',
    '/product.popular,product.byIds one',
    '/product.search undefined',
  ]);
});

test('mutations and subscriptions carry the trace, too', async () => {
  await span.run('write', async () =>
    client.category.create.mutate({ name: 'Tools', slug: 'tools' }),
  );
  for await (const _ of span.run('follow', () => client.product.changes.subscribe({}))) break;
  expect(sent()).toEqual(['/category.create write', '/product.changes follow']);
});

test.each([
  { authorization: 'x', 'idempotency-key': 'x', 'content-type': 'x', 'trpc-accept': 'x' },
  { Authorization: 'x', 'Idempotency-Key': 'x', 'Content-Type': 'x', 'TRPC-Accept': 'x' },
])('what it sets takes the place of no header of the client: %o', async (headers) => {
  const propagate = (carrier: Record<string, string>) =>
    void Object.assign(carrier, headers, { Traceparent: 'of the caller' });
  client = createClient({ url: service.url, token: 'token', propagate });
  await client.category.create.mutate({ name: 'Tools', slug: 'tools' });
  await client.category.list.query();
  await createClient({ url: service.url, propagate }).category.list.query();
  const [mutation, query, anonymous] = service.requests.map((request) => request.headers);
  expect(mutation).toMatchObject({
    authorization: 'Bearer token',
    'content-type': 'application/json',
    'idempotency-key': expect.stringMatching(/^[0-9a-f]{32}$/),
    traceparent: 'of the caller',
  });
  expect(query).toMatchObject({
    authorization: 'Bearer token',
    'trpc-accept': 'application/jsonl',
  });
  expect(query).not.toHaveProperty('idempotency-key');
  expect(anonymous).not.toHaveProperty('authorization');
});

test('an injected fetch takes the place of the global one, for calls, batches and subscriptions', async () => {
  const targets: string[] = [];
  client = createClient({
    url: service.url,
    fetch: async (url, init) => {
      targets.push(url);
      return fetch(url, init);
    },
  });
  await client.category.create.mutate({ name: 'Tools', slug: 'tools' });
  await client.product.popular.query();
  for await (const _ of client.product.changes.subscribe({})) break;
  expect(targets).toHaveLength(3);
});
