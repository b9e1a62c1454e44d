import {
  createTestDatabase,
  redisKeyPrefix,
  startTestRedis,
} from '@throughline/local-stack/testing';
import { describe, expect, it } from 'vitest';
import { CacheUnavailableError } from './errors.ts';
import { defaultLimits } from './limits.ts';
import { RedisEntryStore } from './redis/redis-entry-store.ts';
import { type Fleet, openFleet } from './testing/fleet.ts';
import { openRedisClient } from './testing/redis-client.ts';
import { createRegisterTables, RegisterBed } from './testing/register-bed.ts';
import { TcpProxy } from './testing/tcp-proxy.ts';

const patience = { timeout: 10_000 };
const degrade = { onFailure: 'degrade' } as const;

describe('with the policy degrade', () => {
  it('writes stall at most 2 s once when Redis dies, then go on; reads never stop; hits come back within 10 s', async () => {
    await using redis = await startTestRedis();
    await using at = await openFleet({ redisUrl: redis.url, ...degrade });
    const other = await at.another(degrade);
    await at.first.set(1, 'second');
    await redis.kill();

    const stalled = await took(async () => at.first.set(1, 'third'));
    expect(stalled.ms).toBeLessThan(2_000);
    expect(stalled.value).toEqual({ version: 3, outcome: 'bypass' });
    expect(await other.registers.read(1)).toMatchObject({ value: { text: 'third' } });
    for (const bed of [at.first, other, at.first, other]) {
      const { value, ms } = await took(async () => bed.increment(2));
      expect(value).toBeGreaterThan(1);
      // Not even for as long as an INTEND is tried.
      expect(ms).toBeLessThan(defaultLimits.intendBudgetMs);
    }
    expect(at.first.cache.state).toMatchObject({ mode: 'bypass', trusted: false });

    await redis.restart({ data: 'empty' });
    await expectHits(at, 'third');
    await expect.poll(() => other.cache.state.mode, patience).toBe('active');
    expect(await other.set(1, 'fourth')).toEqual({ version: 4, outcome: 'published' });
    expect(await at.first.registers.read(1)).toMatchObject({
      outcome: 'hit',
      value: { text: 'fourth' },
    });
  });

  it('a blip shorter than the retry budget changes nothing', async () => {
    await using redis = await startTestRedis();
    await using at = await openFleet({ redisUrl: redis.url, ...degrade });
    await at.first.registers.read(1);
    await redis.pause();
    const write = at.first.set(1, 'second');
    await expect.poll(() => at.first.cache.state.storeReachable).toBe(false);
    await redis.resume();
    expect((await write).version).toBe(2);
    expect(at.first.cache.state.epoch).toBe(1);
    await expectHits(at, 'second');
  });

  it('while nobody writes, a Redis that was away keeps its entries', async () => {
    await using redis = await startTestRedis();
    await using at = await openFleet({ redisUrl: redis.url, ...degrade });
    await at.first.registers.read(1);
    await redis.pause();
    for (let reads = 0; reads < 5; reads += 1) {
      expect(await at.first.registers.read(1)).toMatchObject({ value: { text: 'first' } });
    }
    await expect.poll(() => at.first.cache.state.storeReachable).toBe(false);
    await redis.resume();
    await expectHits(at, 'first');
    expect(at.first.cache.state.epoch).toBe(1);
  });

  it('starts and writes without Redis', async () => {
    await using redis = await startTestRedis();
    await redis.kill();
    await using database = await createTestDatabase({
      name: 'registers',
      prepare: createRegisterTables,
    });
    await using store = new RedisEntryStore({ url: redis.url, prefix: redisKeyPrefix() });
    await using bed = await RegisterBed.open({ databaseUrl: database.url, store, ...degrade });
    expect(await bed.set(1, 'second')).toEqual({ version: 2, outcome: 'bypass' });
    await redis.restart({ data: 'empty' });
    await expectHits({ first: bed }, 'second');
  });

  it('a Redis that takes no more writes is left, and used again when it does', async () => {
    await using redis = await startTestRedis();
    await using admin = await openRedisClient(redis.url);
    await using at = await openFleet({ redisUrl: redis.url, ...degrade });
    await at.first.registers.read(1);
    await admin.configSet('maxmemory', '1');
    const { value, ms } = await took(async () => at.first.set(1, 'second'));
    expect(value).toEqual({ version: 2, outcome: 'bypass' });
    expect(ms).toBeLessThan(3_000);
    expect(await at.first.registers.read(1)).toMatchObject({ value: { text: 'second' } });
    await admin.configSet('maxmemory', '0');
    await expectHits(at, 'second');
  });

  it('a process that alone cannot reach Redis refuses its writes, and the others keep their cache', async () => {
    await using redis = await startTestRedis();
    await using at = await openFleet({ redisUrl: redis.url, ...degrade });
    const { bed: cut, cutOff } = await behindProxy(at, redis.url, { isolationMs: 60_000 });
    await at.first.registers.read(1);
    await cutOff();
    await expect(cut.set(1, 'never')).rejects.toThrow(CacheUnavailableError);
    expect(cut.cache.state).toMatchObject({ isolated: true, storeReachable: false });
    expect(await cut.registers.read(1)).toMatchObject({ value: { text: 'first' } });
    expect(at.first.cache.state).toMatchObject({ mode: 'active', epoch: 1, trusted: true });
    expect((await at.first.set(1, 'second')).outcome).toBe('published');
    expect(await cut.registers.read(1)).toMatchObject({ value: { text: 'second' } });
  });

  it('a process that stays alone for long makes the others yield, so that its writes go through', async () => {
    await using redis = await startTestRedis();
    await using at = await openFleet({ redisUrl: redis.url, ...degrade });
    const { bed: cut, cutOff } = await behindProxy(at, redis.url, { isolationMs: 500 });
    await cutOff();
    await expect
      .poll(
        async () =>
          cut.set(1, 'second').then(
            ({ outcome }) => outcome,
            () => 'refused',
          ),
        patience,
      )
      .toBe('bypass');
    expect(await at.first.registers.read(1)).toMatchObject({ value: { text: 'second' } });
    await expectHits(at, 'second');
  });
});

describe('the trust lease', () => {
  it('a process cut off from PostgreSQL, with the old Redis in reach, stops answering before another one writes', async () => {
    await using old = await startTestRedis();
    await using promoted = await startTestRedis();
    await using at = await openFleet({ redisUrl: old.url });
    const proxy = await TcpProxy.open(at.databaseUrl);
    const left = await at.another({ databaseUrl: proxy.url });
    await left.registers.read(1);
    expect((await left.registers.read(1)).outcome).toBe('hit');

    await proxy[Symbol.asyncDispose]();
    const failedOver = await at.another({ ...degrade, redisUrl: promoted.url });
    await expect
      .poll(
        async () =>
          failedOver.set(1, 'second').then(
            ({ version }) => version,
            () => 0,
          ),
        patience,
      )
      .toBe(2);
    const answer = await left.registers.read(1).catch((err: unknown) => err);
    expect(answer).toBeInstanceOf(Error);
    expect(left.cache.state).toMatchObject({ trusted: false, leaseHeld: false });
    expect(left.cache.state.storeReachable).toBe(true);
  });

  it('two processes that see different Redis never answer from before each other’s writes', async () => {
    await using one = await startTestRedis();
    await using two = await startTestRedis();
    // Short, so that each takes the epoch from the other many times.
    const limits = { trustLeaseMs: 150, reactivateMinMs: 20, reactivateMaxMs: 100 };
    await using at = await openFleet({ redisUrl: one.url, ...degrade, limits });
    const other = await at.another({ ...degrade, redisUrl: two.url, limits });
    let written = 1;
    for (let round = 0; round < 40; round += 1) {
      const [writer, reader] = round % 2 === 0 ? [at.first, other] : [other, at.first];
      await writer.increment(1).then(
        (version) => (written = version),
        (err: unknown) => expect(err).toBeInstanceOf(CacheUnavailableError),
      );
      for (const bed of [reader, writer]) {
        const { value } = await bed.registers.read(1);
        expect(value?.text === 'first' ? 1 : Number(value?.text)).toBeGreaterThanOrEqual(written);
      }
    }
    expect(written).toBeGreaterThan(10);
    expect(at.first.cache.state.epoch).toBeGreaterThan(10);
  }, 60_000);
});

async function behindProxy(
  at: Fleet,
  redisUrl: string,
  limits: { isolationMs: number },
): Promise<{ bed: RegisterBed; cutOff: () => Promise<void> }> {
  const proxy = await TcpProxy.open(redisUrl);
  const bed = await at.another({ ...degrade, limits, redisUrl: proxy.url });
  return { bed, cutOff: async () => proxy[Symbol.asyncDispose]() };
}

async function expectHits(at: Pick<Fleet, 'first'>, text: string): Promise<void> {
  await expect
    .poll(async () => at.first.registers.read(1), patience)
    .toEqual({ outcome: 'hit', value: { id: 1, text } });
}

async function took<Value>(step: () => Promise<Value>): Promise<{ value: Value; ms: number }> {
  const beganMs = performance.now();
  const value = await step();
  return { value, ms: performance.now() - beganMs };
}
