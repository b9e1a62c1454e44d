import { createTestDatabase, startTestRedis } from '@throughline/local-stack/testing';
import { expect, it } from 'vitest';
import { addProducts } from './testing/add-products.ts';
import { type Call, hammer, quantileMs } from './testing/hammer.ts';
import { someProduct, startServer } from './testing/real-service.ts';
import { SessionWatch } from './testing/sessions.ts';

const callers = 200;
const productCount = 50;
const pauseMs = 5_000;
/** Connections of each pool: fewer than there are callers. */
const poolMax = 20;

it(
  'with Redis paused for 5 s, 200 readers and writers at once find every pool open, and reads answer within 300 ms without an error',
  { timeout: 180_000 },
  async () => {
    await using database = await createTestDatabase();
    await using redis = await startTestRedis();
    await using service = await startServer({
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      CACHE_ON_FAILURE: 'degrade',
      DATABASE_POOL_MAX: String(poolMax),
    });
    const { id, categoryId } = await someProduct(service);
    await addProducts(database.url, { afterId: id, count: productCount, categoryId });
    await using load = hammer(service, callers, (turn) =>
      turn % 20 === 0
        ? {
            kind: 'write',
            procedure: 'product.adjustStock',
            input: { id: id + (turn % productCount), delta: 1 },
          }
        : { kind: 'read', procedure: 'product.byId', input: { id: id + (turn % productCount) } },
    );
    await expect.poll(() => load.calls.length, { timeout: 60_000 }).toBeGreaterThan(2_000);
    await using watch = new SessionWatch(database.url);
    const pausedMs = performance.now();
    await redis.pause();
    await expect
      .poll(() => performance.now(), { timeout: 20_000 })
      .toBeGreaterThan(pausedMs + pauseMs);
    await redis.resume();
    const resumedMs = performance.now();
    const status = async () => (await service.client.cache.status.query()).mode;
    await expect.poll(status, { timeout: 10_000 }).toBe('active');
    const activeMs = performance.now() - resumedMs;
    const calls = await load.stop();

    const reads = calls.filter(({ kind }) => kind === 'read');
    const writes = calls.filter(({ kind }) => kind === 'write');
    console.log(
      `${reads.length} reads, ${writes.length} writes; cache active ${Math.round(activeMs)} ms after`,
    );
    for (let second = -2; second < 8; second += 1) console.log(lineOf(second, calls, pausedMs));
    console.log(`most sessions at once ${JSON.stringify(watch.most)}, ${poolMax} in each pool`);
    expect(new Set(reads.map(({ end }) => end))).toEqual(new Set(['ok']));
    // Writers hold their transactions while they try to reach Redis, so some were seen; reads end too soon for that.
    expect(watch.most.writing).toBeGreaterThan(0);
    expect(watch.most.writing).toBeLessThan(poolMax);
    expect(watch.most.reading).toBeLessThan(poolMax);
    // A machine without time for its leases and locks may refuse a write; nobody queues for a pool in vain.
    expect(writes.filter(({ end }) => end === 'DATABASE_OVERLOADED')).toEqual([]);
    expect(writes.filter(({ end }) => end === 'ok').length).toBeGreaterThan(writes.length / 2);
    const paused = within(reads, pausedMs + 1_000, pausedMs + pauseMs);
    console.log(
      `waited for Redis, p99 ${quantileMs(paused, 0.99, 'cacheMs')} ms; longest write ${quantileMs(writes, 1)} ms`,
    );
    expect(paused.length).toBeGreaterThan(200);
    expect(quantileMs(paused, 0.99, 'cacheMs')).toBeLessThan(50);
    // A machine that is too busy to answer so soon with Redis at hand is measured by what it did then.
    const beforeMs = quantileMs(within(reads, 0, pausedMs), 0.99);
    expect(quantileMs(paused, 0.99)).toBeLessThan(Math.max(300, 3 * beforeMs));
  },
);

function within(calls: readonly Call[], fromMs: number, toMs: number): Call[] {
  return calls.filter(({ sentMs }) => sentMs >= fromMs && sentMs < toMs);
}

function lineOf(second: number, calls: readonly Call[], pausedMs: number): string {
  const fromMs = pausedMs + second * 1_000;
  const during = within(calls, fromMs, fromMs + 1_000);
  const told = ['read', 'write'].map((kind) => {
    const some = during.filter((call) => call.kind === kind);
    return `${some.length} ${kind}s, p50 ${quantileMs(some, 0.5)} ms, p99 ${quantileMs(some, 0.99)} ms`;
  });
  return `second ${second}: ${told.join('; ')}`;
}
