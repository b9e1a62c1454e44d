import { localStack, startTestRedis } from '@throughline/local-stack/testing';
import { PgConnectionPool, withConnection } from '@throughline/write-through/postgres';
import { openRedisEntryStore, sealedFrame } from '@throughline/write-through/testing';
import { RESP_TYPES } from 'redis';
import { describe, expect, it } from 'vitest';
import { addProducts } from './testing/add-products.ts';
import { type RealService, someProduct, startServer } from './testing/real-service.ts';
import { scrape } from './testing/scrape.ts';
import {
  openRedis,
  openService,
  openTransaction,
  read,
  type ServiceOnStores,
} from './testing/service-on-stores.ts';

const patience = { timeout: 60_000, interval: 50 };
type RedisClient = Awaited<ReturnType<typeof openRedis>>;

describe('the metrics of a service', { timeout: 180_000 }, () => {
  it(
    'tell of a write that died after its INTEND: how long it is pending, who meets it, and who settles it',
    { timeout: 120_000 },
    async () => {
      await using opened = await openService();
      await using redis = await openRedis(localStack().redisUrl);
      const { service, databaseUrl } = opened;
      const watch = watchOf(service);
      const { id, categoryId } = await someProduct(service);
      const lost = await service.client.product.create.mutate({
        sku: 'LAMP-2',
        name: 'Floor lamp',
        price: '99.00',
        categoryId,
      });
      await using writing = await openTransaction(databaseUrl, '');
      await intend(opened, redis, id, writing.xid);
      const before = await scrape(service);
      await read(service, [id]);
      const now = await scrape(service);
      for (const [name, labels] of [
        ['cache_requests_total', { namespace: 'product', result: 'pending' }],
        ['cache_misses_total', { namespace: 'product', reason: 'invalidated' }],
        ['cache_database_reads_total', { cause: 'pending' }],
      ] as const) {
        expect([name, before.value(name, labels), now.value(name, labels)]).toEqual([name, 0, 1]);
      }
      await watch('cache_pending_entries').toBe(1);
      await watch('cache_oldest_pending_seconds').toBeGreaterThan(1);
      expect(now.value('cache_resolved_total', { cause: 'read' })).toBe(0);
      await writing.rollBack();
      await read(service, [id]);
      await watch('cache_resolved_total', { cause: 'read' }).toBe(1);

      await intend(opened, redis, lost.id, writing.xid);
      await makeOlder(opened, redis, 100);
      await watch('cache_oldest_pending_seconds').toBeGreaterThan(100);
      await watch('cache_resolved_total', { cause: 'sweep' }).toBe(1);
      await watch('cache_pending_entries').toBe(0);
      await watch('cache_oldest_pending_seconds').toBe(0);
      expect((await scrape(service)).value('cache_resolved_total', { cause: 'read' })).toBe(1);
    },
  );

  it('tell of changes from outside that wait for Redis to come back', async () => {
    await using redis = await startTestRedis();
    await using opened = await openService({ REDIS_URL: redis.url, CACHE_ON_FAILURE: 'reject' });
    const { service, databaseUrl } = opened;
    const watch = watchOf(service);
    const { id } = await someProduct(service);
    await redis.kill();
    await watch('redis_client_connected').toBe(0);
    await query(databaseUrl, `UPDATE products SET stock = stock + 1 WHERE id = ${id}`);
    await watch('cache_outbox_backlog').toBe(1);
    await watch('cache_outbox_lag_seconds').toBeGreaterThan(1);
    expect((await scrape(service)).value('cache_outbox_backlog')).toBe(1);
    await redis.restart({ data: 'empty' });
    await watch('cache_outbox_backlog').toBe(0);
    await watch('cache_outbox_lag_seconds').toBe(0);
  });

  it('tell of a PostgreSQL that answers nothing: calls in flight, and those that wait for a connection', async () => {
    await using opened = await openService({ DATABASE_POOL_MAX: '2' });
    const { service, databaseUrl } = opened;
    const watch = watchOf(service);
    const { id } = await someProduct(service);
    await using locked = await openTransaction(
      databaseUrl,
      'LOCK TABLE products IN ACCESS EXCLUSIVE MODE',
    );
    const calls = Promise.allSettled(
      ['a', 'b', 'c', 'd', 'e'].map(async (word) =>
        service.client.product.search.query({ query: `lamp ${word}` }),
      ),
    );
    await watch('trpc_requests_in_flight').toBe(5);
    await watch('db_pool_waiting', { pool: 'reads' }).toBe(3);
    const held = await scrape(service);
    expect(held.value('db_pool_connections', { pool: 'reads', state: 'used' })).toBe(2);
    expect(held.value('db_pool_waiting', { pool: 'writes' })).toBe(0);
    await locked.rollBack();
    await calls;
    await watch('trpc_requests_in_flight').toBe(0);
    await watch('db_pool_waiting', { pool: 'reads' }).toBe(0);
    expect((await service.client.product.byId.query({ id })).stock).toBe(3);
  });

  it('tell how many entries the warm-up loaded, and how long it took', async () => {
    await using opened = await openService();
    const { service, databaseUrl, prefix } = opened;
    const { id, categoryId } = await someProduct(service);
    await addProducts(databaseUrl, { afterId: id, count: 24, categoryId });
    await using next = await startServer({
      DATABASE_URL: databaseUrl,
      REDIS_URL: localStack().redisUrl,
      CACHE_NAMESPACE: `${prefix}next`,
    });
    const before = (await scrape(service)).value('cache_warmed_entries');
    const warmed = await scrape(next);
    expect([before, warmed.value('cache_warmed_entries')]).toEqual([0, 25]);
    expect(warmed.value('cache_warm_duration_seconds')).toBeGreaterThan(0);
    expect(warmed.value('cache_warm_duration_seconds')).toBeLessThan(10);
  });

  it('tell of an entry that another release wrote', async () => {
    await using opened = await openService();
    const { service, prefix } = opened;
    const { id } = await someProduct(service);
    await using redis = await openRedis(localStack().redisUrl);
    const [entry = ''] = await redis.keys(`${prefix}:*:product:${id}`);
    const frame = await redis.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer }).get(entry);
    if (frame === null) throw new Error('The product is not in the cache.');
    // Bytes 2 and 3 are the schema.
    frame.writeUInt16BE(0x7f7f, 2);
    await redis.set(entry, sealedFrame(frame), { expiration: 'KEEPTTL' });
    const skewed = { namespace: 'product', reason: 'schema_skew' } as const;
    const before = await scrape(service);
    await read(service, [id]);
    const now = await scrape(service);
    expect([before, now].map((at) => at.value('cache_misses_total', skewed))).toEqual([0, 1]);
    expect(now.value('cache_misses_total', { reason: 'decode_error' })).toBe(0);
  });

  it('tell of a write that could not publish in time, and of one whose entry had moved on', async () => {
    await using server = await startTestRedis();
    await using opened = await openService({ REDIS_URL: server.url, CACHE_ON_FAILURE: 'reject' });
    const { service, prefix } = opened;
    const watch = watchOf(service);
    const { id } = await someProduct(service);
    await using redis = await openRedis(server.url);
    const written = (outcome: string) =>
      watch('cache_writes_total', { namespace: 'product', outcome });
    const update = async (betweenIntendAndCommit: () => Promise<unknown>) =>
      writeHeld(opened, redis, { id, betweenIntendAndCommit });

    await update(async () => {
      for (const entry of await redis.keys(`${prefix}:*:product:${id}`)) await redis.del(entry);
    });
    await written('superseded').toBe(1);
    expect((await scrape(service)).value('cache_writes_total', { outcome: 'deferred' })).toBe(0);
    await update(async () => redis.sendCommand(['CLIENT', 'PAUSE', '60000', 'WRITE']));
    await written('deferred').toBe(1);
    await redis.sendCommand(['CLIENT', 'UNPAUSE']);
    await expect
      .poll(async () => service.client.product.byId.query({ id }), patience)
      .toMatchObject({
        stock: 5,
      });
    await written('superseded').toBe(1);
  });

  it('tell the shares of the keys that are read most, whose names only cache.status tells', async () => {
    await using opened = await openService();
    const { service } = opened;
    const { id } = await someProduct(service);
    const [hot, mild] = [
      Array.from({ length: 30 }, () => id),
      Array.from({ length: 10 }, () => id + 1),
    ];
    for (let round = 0; round < 60; round += 1) await read(service, [...hot, ...mild]);
    const { hotKeys } = await service.client.cache.status.query();
    expect(hotKeys.map(({ key }) => key)).toEqual([`product:${id}`, `product:${id + 1}`]);
    const now = await scrape(service);
    const share = (rank: string) => now.value('cache_hot_key_share_ratio', { rank }) ?? 0;
    expect([share('1'), share('2')]).toEqual(hotKeys.map((one) => one.share));
    // Three quarters, of a sample of three hundred reads; ten standard deviations.
    expect(Math.abs(share('1') - 0.75)).toBeLessThan(0.25);
    expect(share('1') + share('2')).toBeCloseTo(1);
    expect(now.value('cache_hot_key_share_ratio', { rank: '3' })).toBeUndefined();
    expect(now.text).not.toContain(`product:${id}`);
    expect(service.process.messages.join()).not.toContain(`product:${id}`);
  });
});

function watchOf(service: RealService) {
  return (name: string, labels: Readonly<Record<string, string>> = {}) =>
    expect.poll(async () => (await scrape(service)).value(name, labels), patience);
}

/** What a writer does before its SQL, in the name of a transaction that is none of the service's. */
async function intend(
  { prefix }: ServiceOnStores,
  redis: RedisClient,
  id: number,
  xid: bigint,
): Promise<void> {
  await using store = await openRedisEntryStore({ url: localStack().redisUrl, prefix });
  const [name = ''] = await redis.keys(`${prefix}:*:epoch`);
  const [, number, epochId = ''] = /^(\d+)\.(.*)$/.exec((await redis.get(name)) ?? '') ?? [];
  const epoch = { number: Number(number), id: epochId, storeIdentity: store.identity ?? '' };
  const attempt = { xid, token: '00000000000000a1' };
  const intent = { attempt, nonce: '00000000000000b1' };
  const reply = await store.intend(epoch, `product:${id}`, intent);
  expect(reply).toEqual({ state: 'applied' });
}

/** What is pending has been so for longer than it has. */
async function makeOlder(
  { prefix }: ServiceOnStores,
  redis: RedisClient,
  seconds: number,
): Promise<void> {
  for (const index of await redis.keys(`${prefix}:*:pending`)) {
    for (const { value, score } of await redis.zRangeWithScores(index, 0, -1)) {
      await redis.zAdd(index, { value, score: score - seconds * 1000 });
    }
  }
}

/** A write that waits for its row when its INTEND has been placed, until something was done. */
async function writeHeld(
  { service, databaseUrl, prefix }: ServiceOnStores,
  redis: RedisClient,
  { id, betweenIntendAndCommit }: HeldWrite,
): Promise<void> {
  const row = `SELECT FROM products WHERE id = ${id} FOR UPDATE`;
  await using locked = await openTransaction(databaseUrl, row);
  const write = service.client.product.adjustStock.mutate({ id, delta: 1 });
  // Byte 1 is the state.
  const state = async () => {
    const [entry = ''] = await redis.keys(`${prefix}:*:product:${id}`);
    return redis.getRange(entry, 1, 1);
  };
  await expect.poll(state, patience).toBe('P');
  await betweenIntendAndCommit();
  await locked.rollBack();
  await write;
}

interface HeldWrite {
  readonly id: number;
  readonly betweenIntendAndCommit: () => Promise<unknown>;
}

async function query(databaseUrl: string, text: string): Promise<void> {
  await using pool = new PgConnectionPool({ databaseUrl, connectionsMax: 1 });
  await withConnection(pool, async (db) => db.query({ text }));
}
