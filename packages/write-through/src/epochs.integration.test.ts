import { startTestRedis } from '@throughline/local-stack/testing';
import { createClient } from 'redis';
import { describe, expect, it } from 'vitest';
import { CacheUnavailableError } from './errors.ts';
import { type Fleet, openFleet } from './testing/fleet.ts';

const patience = { timeout: 10_000 };

describe('epochs', () => {
  it('several processes that start at once begin exactly one epoch', async () => {
    await using at = await openFleet();
    const others = await Promise.all(Array.from({ length: 5 }, async () => at.another()));
    const states = [at.first, ...others].map(({ cache }) => cache.state);
    expect(states.map(({ epoch, trusted }) => [epoch, trusted])).toEqual(
      states.map(() => [1, true]),
    );
  });

  it('a flushed Redis is used again under a new epoch, without a stale read', async () => {
    await using redis = await startTestRedis();
    await using at = await openFleet({ redisUrl: redis.url });
    const other = await at.another();
    await at.first.set(1, 'second');
    await flush(redis.url);
    expect(await at.first.registers.read(1)).toMatchObject({ value: { text: 'second' } });
    await at.first.set(1, 'third');
    expect(await other.registers.read(1)).toMatchObject({ value: { text: 'third' } });
    await expectHits(at, 'third');
    expect(at.first.cache.state.epoch).toBe(2);
  });

  it('a Redis that lost one mark is used again under a new epoch', async () => {
    await using at = await openFleet();
    await at.first.registers.read(1);
    await deleteMarks(at);
    expect(await at.first.registers.read(1)).toMatchObject({ value: { text: 'first' } });
    await expectHits(at, 'first');
    expect(at.first.cache.state.epoch).toBe(2);
  });

  it('with Redis down reads come from PostgreSQL and writes are refused; it recovers by itself', async () => {
    const redis = await startTestRedis();
    await using _ = redis;
    await using at = await openFleet({ redisUrl: redis.url });
    await at.first.set(1, 'second');
    await redis.kill();
    await expect.poll(async () => at.first.cache.state.trusted, patience).toBe(false);
    expect(await at.first.registers.read(1)).toMatchObject({
      outcome: 'bypass',
      value: { text: 'second' },
    });
    await expect(at.first.set(1, 'never')).rejects.toThrow(CacheUnavailableError);
    expect(await at.first.stored(1)).toEqual({ version: 2, text: 'second' });
    await redis.restart({ data: 'empty' });
    await expectHits(at, 'second');
    expect((await at.first.set(1, 'third')).version).toBe(3);
  });

  it('a Redis restarted with the data of before is not believed', async () => {
    const redis = await startTestRedis({ arguments: ['--appendonly', 'yes'] });
    await using _ = redis;
    await using at = await openFleet({ redisUrl: redis.url });
    await at.first.registers.read(1);
    await redis.stop();
    // A write that this Redis never hears of, as after the loss of its newest data.
    await at.first.overwrite(1, 'behind its back');
    await redis.restart({ data: 'kept' });
    await expectHits(at, 'behind its back');
  });

  it('a paused Redis costs its readers one timeout and its writers an honest refusal', async () => {
    const redis = await startTestRedis();
    await using _ = redis;
    await using at = await openFleet({ redisUrl: redis.url });
    await at.first.registers.read(1);
    await redis.pause();
    expect(await at.first.registers.read(1)).toMatchObject({ value: { text: 'first' } });
    await expect(at.first.set(1, 'never')).rejects.toThrow(CacheUnavailableError);
    expect(await at.first.registers.read(1)).toMatchObject({ outcome: 'bypass' });
    await redis.resume();
    await expect.poll(async () => at.first.cache.state.trusted, patience).toBe(true);
    expect(at.first.cache.state.epoch).toBe(1);
    expect(await at.first.registers.read(1)).toMatchObject({ value: { text: 'first' } });
    expect((await at.first.set(1, 'second')).version).toBe(2);
    await expectHits(at, 'second');
  });

  it('a Redis that may evict pending entries is refused in words', async () => {
    const redis = await startTestRedis({ arguments: ['--maxmemory-policy', 'allkeys-lru'] });
    await using _ = redis;
    const { RedisEntryStore } = await import('./redis/redis-entry-store.ts');
    await using store = new RedisEntryStore({ url: redis.url, prefix: 'test' });
    await expect.poll(() => store.problem, patience).toMatch(/allkeys-lru.*use noeviction/);
    expect(store.identity).toBeUndefined();
  });
});

async function expectHits(at: Fleet, text: string): Promise<void> {
  await expect
    .poll(async () => at.first.registers.read(1), patience)
    .toEqual({ outcome: 'hit', value: { id: 1, text } });
}

async function flush(url: string): Promise<void> {
  const client = await createClient({ url }).connect();
  await client.flushAll();
  client.destroy();
}

async function deleteMarks(at: Fleet): Promise<void> {
  const client = await createClient({ url: at.redisUrl }).connect();
  const marks = await client.keys(`${at.prefix}:*:epoch`);
  expect(marks.length).toBeGreaterThan(0);
  await client.del(marks);
  client.destroy();
}
