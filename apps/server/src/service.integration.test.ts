import {
  createTestDatabase,
  localStack,
  redisKeyPrefix,
  startTestPostgres,
  startTestRedis,
} from '@throughline/local-stack/testing';
import { TRPCClientError } from '@trpc/client';
import { createClient as createRedisClient } from 'redis';
import { describe, expect, it } from 'vitest';
import { type RealService, someProduct, startServer } from './testing/real-service.ts';

async function openRedis() {
  const client = createRedisClient({ url: localStack().redisUrl });
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: async () => client.destroy() });
}

async function readById(service: RealService, id: number): Promise<Response> {
  return fetch(`${service.url}/product.byId?input=${encodeURIComponent(JSON.stringify({ id }))}`);
}

interface ServiceUnderLoad extends AsyncDisposable {
  readonly service: RealService;
  readonly redis: Awaited<ReturnType<typeof startTestRedis>>;
  readonly stores: Readonly<Record<string, string>>;
  /** The product that ten readers read and one writer counts up. */
  readonly id: number;
  seen(what: string): number;
  /** Waits until so many more were seen. */
  until(what: string, more: number): Promise<void>;
  longestWriteMs(): number;
  longestReadMs(): number;
  /** Ends the load; what was seen, by name. */
  stop(): Promise<string[]>;
}

const patience = { timeout: 15_000 };

async function underLoad(environment: Record<string, string>): Promise<ServiceUnderLoad> {
  await using opening = new AsyncDisposableStack();
  const database = opening.use(await createTestDatabase());
  const redis = opening.use(await startTestRedis());
  const stores = { DATABASE_URL: database.url, REDIS_URL: redis.url };
  const service = opening.use(await startServer({ ...stores, ...environment }));
  const { id } = await someProduct(service);
  const counts = new Map<string, number>();
  const count = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1);
  const seen = (what: string) => counts.get(what) ?? 0;
  const ending = new AbortController();
  let [floor, longestWriteMs, longestReadMs] = [1, 0, 0];

  const read = async () => {
    while (!ending.signal.aborted) {
      const atLeast = floor;
      const beganMs = performance.now();
      const { version } = await service.client.product.byId.query({ id });
      longestReadMs = Math.max(longestReadMs, performance.now() - beganMs);
      count(version >= atLeast ? 'read' : 'stale read');
    }
  };
  const write = async () => {
    while (!ending.signal.aborted) {
      const beganMs = performance.now();
      try {
        floor = (await service.client.product.adjustStock.mutate({ id, delta: 1 })).version;
        count('write');
      } catch (err) {
        if (!(err instanceof TRPCClientError)) throw err;
        const { code, retryable }: { code?: string; retryable?: boolean } = err.data ?? {};
        count(`${code} retryable ${retryable}`);
      }
      longestWriteMs = Math.max(longestWriteMs, performance.now() - beganMs);
    }
  };
  const load = Promise.all([write(), ...Array.from({ length: 10 }, read)]);
  const stop = async () => {
    ending.abort();
    await load;
    return [...counts.keys()].toSorted();
  };
  opening.defer(async () => void (await stop()));
  const opened = opening.move();
  return {
    service,
    redis,
    stores,
    id,
    seen,
    until: async (what, more) => {
      const target = seen(what) + more;
      await expect.poll(() => seen(what), patience).toBeGreaterThanOrEqual(target);
    },
    longestWriteMs: () => longestWriteMs,
    longestReadMs: () => longestReadMs,
    stop,
    [Symbol.asyncDispose]: async () => opened.disposeAsync(),
  };
}

/** Stock tells every write that took effect, so it must tell exactly those that were acknowledged. */
async function expectNothingLost(at: ServiceUnderLoad, kinds: readonly string[]): Promise<void> {
  const hitAgain = async () => (await readById(at.service, at.id)).headers.get('x-cache');
  expect(await at.stop()).toEqual(kinds);
  const { stock } = await at.service.client.product.byId.query({ id: at.id });
  expect(stock).toBe(3 + at.seen('write'));
  await expect.poll(hitAgain, { timeout: 10_000 }).toBe('hit');
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

  it('log an old entry that is read as an error within seconds', async () => {
    await using database = await createTestDatabase();
    const prefix = redisKeyPrefix();
    await using service = await startServer({
      DATABASE_URL: database.url,
      REDIS_URL: localStack().redisUrl,
      CACHE_NAMESPACE: prefix,
    });
    const { id } = await someProduct(service);
    await using redis = await openRedis();
    const [entry = ''] = await redis.keys(`${prefix}:*:product:${id}`);
    await redis.copy(entry, `${entry}:old`);
    await service.client.product.updatePrice.mutate({ id, price: '24.50' });
    await redis.copy(`${entry}:old`, entry, { REPLACE: true });
    for (let read = 0; read < 200; read += 1) await readById(service, id);
    const told = 'the cache contradicts the database: reads of this product are wrong';
    expect(await service.process.line(told)).toMatchObject({
      level: 'error',
      id,
      verdict: 'stale',
      cachedVersion: 1,
      storedVersion: 2,
    });
    expect((await service.client.cache.status.query()).audit.violations).toBeGreaterThan(0);
    await service.client.cache.invalidate.mutate({ key: `product:${id}` });
    expect(await service.client.product.byId.query({ id })).toMatchObject({ price: '24.50' });
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

  it('with Redis killed under load and the policy reject, refuse writes, read from PostgreSQL, and recover', async () => {
    await using at = await underLoad({ CACHE_ON_FAILURE: 'reject' });
    await at.until('write', 5);
    await at.redis.kill();
    await at.until('SERVICE_UNAVAILABLE retryable true', 2);
    await at.until('read', 50);
    expect((await readById(at.service, at.id)).headers.get('x-cache')).toBe('bypass');
    // A write that was on its way may still be acknowledged, but none that begins now.
    const acknowledged = at.seen('write');
    await at.until('SERVICE_UNAVAILABLE retryable true', 3);
    expect(at.seen('write')).toBe(acknowledged);
    await at.redis.restart({ data: 'empty' });
    await at.until('write', 5);
    await expectNothingLost(at, ['SERVICE_UNAVAILABLE retryable true', 'read', 'write']);
  });

  it('with Redis killed under load and the policy degrade, go on after 2 s without a stale read, and hit again', async () => {
    await using at = await underLoad({ CACHE_ON_FAILURE: 'degrade' });
    await at.until('write', 5);
    await at.redis.kill();
    await at.until('read', 50);
    await at.until('write', 20);
    expect(at.longestWriteMs()).toBeLessThan(2_500);
    expect((await readById(at.service, at.id)).headers.get('x-cache')).toBe('bypass');
    await at.redis.restart({ data: 'empty' });
    await at.service.process.line('the cache is active');
    await at.service.process.line('warm-up ended');
    await expectNothingLost(at, ['read', 'write']);
  });

  it('three of them with Redis killed for good stall writes for 2 s once, never stop reading, and hit again within 10 s of its return', async () => {
    await using at = await underLoad({ CACHE_ON_FAILURE: 'degrade' });
    await using others = new AsyncDisposableStack();
    const services = [at.service];
    for (let count = 0; count < 2; count += 1) {
      services.push(others.use(await startServer({ ...at.stores, CACHE_ON_FAILURE: 'degrade' })));
    }
    await at.until('write', 5);
    await at.redis.kill();
    await at.until('write', 20);
    const stalledMs = at.longestWriteMs();
    await at.until('write', 50);
    expect(at.longestWriteMs()).toBe(stalledMs);
    expect(stalledMs).toBeLessThan(2_500);
    // None waited for as long as the writes did.
    expect(at.longestReadMs()).toBeLessThan(1_500);
    await at.redis.restart({ data: 'empty' });
    const backMs = performance.now();
    await Promise.all(
      services.map(async (service) => {
        const hitAgain = async () => (await readById(service, at.id)).headers.get('x-cache');
        await expect.poll(hitAgain, { timeout: 10_000 }).toBe('hit');
      }),
    );
    console.log(
      `the longest write took ${Math.round(stalledMs)} ms, the longest read ${Math.round(at.longestReadMs())} ms; all hit again ${Math.round(performance.now() - backMs)} ms after Redis`,
    );
    await expectNothingLost(at, ['read', 'write']);
  });

  it('with PostgreSQL killed answer what is cached until the trust lease ends, say so of the rest, and recover', async () => {
    await using postgres = await startTestPostgres();
    await using service = await startServer({
      DATABASE_URL: postgres.url,
      REDIS_URL: localStack().redisUrl,
      CACHE_NAMESPACE: redisKeyPrefix(),
    });
    const { id } = await someProduct(service);
    const killed = postgres.kill();
    expect((await readById(service, id)).headers.get('x-cache')).toBe('hit');
    await killed;
    const unavailable = { data: { code: 'SERVICE_UNAVAILABLE', retryable: true } };
    const { product } = service.client;
    await expect(product.byId.query({ id: id + 1 })).rejects.toMatchObject(unavailable);
    const change = { id, delta: 1 };
    await expect(product.adjustStock.mutate(change)).rejects.toMatchObject(unavailable);
    const answer = async () => product.byId.query({ id }).catch((err: unknown) => err);
    await expect.poll(answer, patience).toMatchObject(unavailable);
    expect((await fetch(`${service.metricsUrl}/health/ready`)).status).toBe(503);
    await postgres.restart();
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
    const product = await someProduct(service);
    expect(await service.client.product.byId.query({ id: product.id })).toEqual(product);
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
