import { createClient, type ThroughlineClient } from '@throughline/client';
import {
  createTestDatabase,
  localStack,
  redisKeyPrefix,
  startTestPostgres,
  startTestRedis,
} from '@throughline/local-stack/testing';
import { TRPCClientError } from '@trpc/client';
import { describe, expect, it } from 'vitest';
import { type ChildService, startChild } from './testing/child-service.ts';
import { secret, tokenWith } from './testing/tokens.ts';

interface Service extends AsyncDisposable {
  readonly process: ChildService;
  readonly url: string;
  readonly metricsUrl: string;
  readonly client: ThroughlineClient;
}

/** A service process of its own, as operators start it, when it reports ready. */
async function startServer(environment: Record<string, string>): Promise<Service> {
  const process = startChild('../main.ts', {
    PORT: '0',
    METRICS_PORT: '0',
    AUTH_JWT_SECRET: new TextDecoder().decode(secret),
    LOG_LEVEL: 'info',
    ...environment,
  });
  const metrics = await process.line('metrics are served');
  const trpc = await process.line('tRPC is served');
  await process.line('ready');
  const token = await tokenWith('catalog:read', 'catalog:write', 'cache:admin');
  return {
    process,
    url: trpc.url ?? '',
    metricsUrl: (metrics.url ?? '').replace('/metrics', ''),
    client: createClient({ url: trpc.url ?? '', token }),
    [Symbol.asyncDispose]: async () => process[Symbol.asyncDispose](),
  };
}

async function someProduct({ client }: Service) {
  const { id } = await client.category.create.mutate({ name: 'Lamps', slug: 'lamps' });
  return client.product.create.mutate({
    sku: 'LAMP-1',
    name: 'Reading lamp',
    price: '19.90',
    stock: 3,
    categoryId: id,
  });
}

async function readById(service: Service, id: number): Promise<Response> {
  return fetch(`${service.url}/product.byId?input=${encodeURIComponent(JSON.stringify({ id }))}`);
}

describe('service processes on real stores', () => {
  it('see each other’s writes at once, answer from the cache, and stop with code 0', async () => {
    await using database = await createTestDatabase();
    const stores = {
      DATABASE_URL: database.url,
      REDIS_URL: localStack().redisUrl,
      CACHE_NAMESPACE: redisKeyPrefix(),
    };
    await using services = new AsyncDisposableStack();
    const [one, two] = await Promise.all([startServer(stores), startServer(stores)]);
    for (const service of [one, two]) services.use(service);
    const product = await someProduct(one);
    expect(await two.client.product.byId.query({ id: product.id })).toEqual(product);
    const updated = await two.client.product.updatePrice.mutate({ id: product.id, price: '24.50' });
    expect(updated).toMatchObject({ price: '24.50', version: 2 });

    const answer = await readById(one, product.id);
    expect(answer.headers.get('x-cache')).toBe('hit');
    expect(answer.headers.get('server-timing')).toMatch(/cache;dur=[\d.]+.*db;dur=0/);
    expect(await answer.json()).toEqual({ result: { data: updated } });

    const metrics = await (await fetch(`${two.metricsUrl}/metrics`)).text();
    expect(metrics).toMatch(
      /product_write_duration_seconds_count\{operation="updatePrice",cache_success="true"\} 1/,
    );
    const status = await one.client.cache.status.query();
    expect(status).toMatchObject({ mode: 'active', epoch: 1, trusted: true });

    for (const service of [one, two]) service.process.kill('SIGTERM');
    expect(await Promise.all([one.process.exited, two.process.exited])).toEqual([0, 0]);
  });

  it('warm the most viewed products before they report ready', async () => {
    await using database = await createTestDatabase();
    const stores = { DATABASE_URL: database.url, REDIS_URL: localStack().redisUrl };
    await using seeding = await startServer({ ...stores, CACHE_NAMESPACE: redisKeyPrefix() });
    const { id } = await someProduct(seeding);
    await using fresh = await startServer({ ...stores, CACHE_NAMESPACE: redisKeyPrefix() });
    expect(fresh.process.messages).toContain('warming the cache');
    expect((await readById(fresh, id)).headers.get('x-cache')).toBe('hit');
  });

  it('with Redis killed under load read from PostgreSQL, refuse writes, and recover by themselves', async () => {
    await using database = await createTestDatabase();
    const redis = await startTestRedis();
    await using _ = redis;
    await using service = await startServer({ DATABASE_URL: database.url, REDIS_URL: redis.url });
    const { id } = await someProduct(service);
    const codes = new Map<string, number>();
    const acknowledged: number[] = [];
    const ending = new AbortController();
    const count = (what: string) => codes.set(what, (codes.get(what) ?? 0) + 1);
    const load = [
      ...Array.from({ length: 10 }, async () => {
        while (!ending.signal.aborted) {
          const floor = acknowledged.at(-1) ?? 1;
          const { version } = await service.client.product.byId.query({ id });
          count(version >= floor ? 'read' : 'stale read');
        }
      }),
      (async () => {
        while (!ending.signal.aborted) {
          try {
            const { version } = await service.client.product.adjustStock.mutate({ id, delta: 1 });
            acknowledged.push(version);
            count('write');
          } catch (err) {
            if (!(err instanceof TRPCClientError)) throw err;
            const { code, retryable }: { code?: string; retryable?: boolean } = err.data ?? {};
            count(`${code} retryable ${retryable}`);
          }
        }
      })(),
    ];
    const seen = (what: string) => codes.get(what) ?? 0;
    const patience = { timeout: 15_000 };
    await expect.poll(() => seen('write'), patience).toBeGreaterThan(5);
    await redis.kill();
    await expect
      .poll(() => seen('SERVICE_UNAVAILABLE retryable true'), patience)
      .toBeGreaterThan(1);
    const readsBefore = seen('read');
    await expect.poll(() => seen('read'), patience).toBeGreaterThan(readsBefore + 50);
    expect((await readById(service, id)).headers.get('x-cache')).toBe('bypass');
    await redis.restart({ data: 'empty' });
    const writesBefore = seen('write');
    await expect.poll(() => seen('write'), patience).toBeGreaterThan(writesBefore + 5);
    ending.abort();
    await Promise.all(load);
    expect([...codes.keys()].toSorted()).toEqual([
      'SERVICE_UNAVAILABLE retryable true',
      'read',
      'write',
    ]);
    const product = await service.client.product.byId.query({ id });
    expect(product.stock).toBe(3 + acknowledged.length);
    expect((await readById(service, id)).headers.get('x-cache')).toBe('hit');
  });

  it('with PostgreSQL killed go on answering what is cached, say so of the rest, and recover', async () => {
    await using postgres = await startTestPostgres();
    await using service = await startServer({
      DATABASE_URL: postgres.url,
      REDIS_URL: localStack().redisUrl,
      CACHE_NAMESPACE: redisKeyPrefix(),
    });
    const { id } = await someProduct(service);
    await postgres.kill();
    expect((await readById(service, id)).headers.get('x-cache')).toBe('hit');
    const unavailable = { data: { code: 'SERVICE_UNAVAILABLE', retryable: true } };
    const { product } = service.client;
    await expect(product.byId.query({ id: id + 1 })).rejects.toMatchObject(unavailable);
    const change = { id, delta: 1 };
    await expect(product.adjustStock.mutate(change)).rejects.toMatchObject(unavailable);
    expect((await fetch(`${service.metricsUrl}/health/ready`)).status).toBe(503);
    await postgres.restart();
    const patience = { timeout: 15_000 };
    await expect
      .poll(async () => (await fetch(`${service.metricsUrl}/health/ready`)).status, patience)
      .toBe(200);
    expect((await product.adjustStock.mutate(change)).stock).toBe(4);
    expect((await product.byId.query({ id })).stock).toBe(4);
  });

  it('start and stay up without Redis', async () => {
    await using database = await createTestDatabase();
    await using service = await startServer({
      DATABASE_URL: database.url,
      REDIS_URL: 'redis://127.0.0.1:1',
    });
    expect(await service.client.category.list.query({})).toEqual([]);
    await expect(
      service.client.category.create.mutate({ name: 'Lamps', slug: 'lamps' }),
    ).rejects.toMatchObject({ data: { code: 'SERVICE_UNAVAILABLE', retryable: true } });
    expect((await fetch(`${service.metricsUrl}/health/ready`)).status).toBe(200);
  });

  it('flush the views they counted when they stop', async () => {
    await using database = await createTestDatabase();
    const stores = { DATABASE_URL: database.url, REDIS_URL: localStack().redisUrl };
    await using service = await startServer({ ...stores, CACHE_NAMESPACE: redisKeyPrefix() });
    const first = await someProduct(service);
    const second = await service.client.product.create.mutate({
      sku: 'LAMP-2',
      name: 'Floor lamp',
      price: '99.00',
      categoryId: first.categoryId,
    });
    await service.client.product.byId.query({ id: second.id });
    service.process.kill('SIGTERM');
    expect(await service.process.exited).toBe(0);
    await using next = await startServer({ ...stores, CACHE_NAMESPACE: redisKeyPrefix() });
    const popular = await next.client.product.popular.query({ limit: 2 });
    expect(popular.map(({ id }) => id)).toEqual([second.id, first.id]);
  });
});
