import { setTimeout as delay } from 'node:timers/promises';
import { startTestRedis } from '@throughline/local-stack/testing';
import { describe, expect, it } from 'vitest';
import { CacheUnavailableError } from './errors.ts';
import { RedisEntryStore } from './redis/redis-entry-store.ts';
import { openFleet } from './testing/fleet.ts';
import { Gate } from './testing/gate.ts';
import { interceptedTransactions } from './testing/intercepted-transactions.ts';
import { openRedisClient } from './testing/redis-client.ts';
import { RegisterBed } from './testing/register-bed.ts';
import { TcpProxy } from './testing/tcp-proxy.ts';

/** Who answers is asked every second; a busy machine may need a few more for the rest. */
const patience = { timeout: 8_000 };

/** So that a replica is in step in a moment. */
const promptly = ['--repl-diskless-sync-delay', '0'];

describe('what a Redis is, over a connection that lives on', () => {
  it('an instance that was unfit is used once it is mended', async () => {
    await using redis = await startTestRedis({ arguments: ['--maxmemory-policy', 'allkeys-lru'] });
    await using admin = await openRedisClient(redis.url);
    await using store = new RedisEntryStore({ url: redis.url, prefix: 'test' });
    await expect.poll(() => store.problem, patience).toMatch(/allkeys-lru/);
    await admin.configSet('maxmemory-policy', 'volatile-lru');
    await expect.poll(() => store.identity, { timeout: 3_000 }).toBeDefined();
    expect(store.problem).toBeUndefined();
  });

  it.each(['run_id', 'master_replid', 'role'])(
    'a proxy that hides the %s of an instance is refused in words, and nothing is believed through it',
    async (field) => {
      await using redis = await startTestRedis();
      await using at = await openFleet({ redisUrl: redis.url });
      // Of the same length, as that of an answer is told before it.
      const hidden = '?'.repeat(field.length);
      await using proxy = await TcpProxy.open(redis.url, (said) =>
        Buffer.from(said.toString('latin1').replace(`\n${field}:`, `\n${hidden}:`), 'latin1'),
      );
      expect((await at.first.registers.read(1)).outcome).toBe('miss');
      await using store = new RedisEntryStore({ url: proxy.url, prefix: at.prefix });
      await using behind = await RegisterBed.open({ databaseUrl: at.databaseUrl, store });
      expect(store.problem).toMatch(/does not tell.*a proxy may hide/);
      expect(store.identity).toBeUndefined();
      expect(await behind.registers.read(1)).toMatchObject({
        outcome: 'bypass',
        value: { text: 'first' },
      });
      await expect(behind.set(1, 'never')).rejects.toThrow(CacheUnavailableError);
      expect((await at.first.registers.read(1)).outcome).toBe('hit');
    },
  );

  it('an instance that becomes unfit while connected is no longer used', async () => {
    await using redis = await startTestRedis();
    await using admin = await openRedisClient(redis.url);
    await using at = await openFleet({ redisUrl: redis.url });
    await using store = new RedisEntryStore({ url: redis.url, prefix: 'test' });
    await at.first.set(1, 'second');
    await admin.configSet('maxmemory-policy', 'allkeys-lru');
    await expect.poll(() => at.first.cache.state.trusted, patience).toBe(false);
    await expect.poll(() => store.problem, patience).toMatch(/allkeys-lru.*use noeviction/);
    expect(store.identity).toBeUndefined();
    expect(await at.first.registers.read(1)).toMatchObject({
      outcome: 'bypass',
      value: { text: 'second' },
    });
    await expect(at.first.set(1, 'never')).rejects.toThrow(CacheUnavailableError);
    await admin.configSet('maxmemory-policy', 'noeviction');
    await expect.poll(() => at.first.cache.state.trusted, patience).toBe(true);
    expect((await at.first.set(1, 'third')).version).toBe(3);
  });

  it('what an instance evicted while it was unfit is not believed once it is mended', async () => {
    await using redis = await startTestRedis();
    await using admin = await openRedisClient(redis.url);
    await using at = await openFleet({ redisUrl: redis.url });
    const beforeCommit = new Gate();
    const writer = await at.another({
      wrapTransactions: (transactions) =>
        interceptedTransactions(transactions, async (step) => {
          if (step === 'commit') await beforeCommit.pass();
        }),
    });
    const write = writer.set(1, 'second');
    await beforeCommit.arrived;
    await admin.configSet('maxmemory-policy', 'allkeys-lru');
    // As Redis does under this policy when its memory is full.
    expect(await admin.del(await admin.keys(`${at.prefix}:*:register:1`))).toBe(1);
    // Within the second before it is seen.
    expect((await at.first.registers.read(1)).value?.text).toBe('first');
    await expect.poll(() => at.first.cache.state.trusted, patience).toBe(false);
    await expect.poll(() => writer.cache.state.trusted, patience).toBe(false);
    beforeCommit.open();
    expect((await write).version).toBe(2);
    await admin.configSet('maxmemory-policy', 'volatile-lru');
    await expect.poll(() => at.first.cache.state.trusted, patience).toBe(true);
    expect((await at.first.registers.read(1)).value?.text).toBe('second');
    expect(at.first.cache.state.epoch).toBeGreaterThan(1);
  });

  it('a Redis that was busy is used again when it answers', async () => {
    await using redis = await startTestRedis({ arguments: ['--busy-reply-threshold', '200'] });
    await using busy = await openRedisClient(redis.url);
    await using admin = await openRedisClient(redis.url);
    await using at = await openFleet({ redisUrl: redis.url });
    await using store = new RedisEntryStore({ url: redis.url, prefix: 'test' });
    await expect.poll(() => store.identity, patience).toBeDefined();
    await at.first.set(1, 'second');
    const script = busy.eval('while true do end').catch((err: unknown) => String(err));
    expect((await at.first.registers.read(1)).value?.text).toBe('second');
    await expect.poll(() => store.problem, patience).toMatch(/BUSY/);
    await expect.poll(() => at.first.cache.state.trusted, patience).toBe(false);
    await admin.sendCommand(['SCRIPT', 'KILL']);
    expect(await script).toMatch(/killed/i);
    await expect.poll(() => store.identity, patience).toBeDefined();
    await expect.poll(() => at.first.cache.state.trusted, patience).toBe(true);
    expect((await at.first.set(1, 'third')).version).toBe(3);
    // It lost nothing, so nothing had to begin anew.
    expect(at.first.cache.state.epoch).toBe(1);
  });

  // Until its role is asked for the next time, a second at most, a demoted Redis answers from what the new
  // primary sent it. A later mechanism closes that window; here it may stay open, but no longer than that.
  it('a Redis demoted over a living connection is not believed for longer than a second or two', async () => {
    await using primary = await startTestRedis({ arguments: promptly });
    await using replica = await startTestRedis({ arguments: promptly });
    await using toPrimary = await openRedisClient(primary.url);
    await using toReplica = await openRedisClient(replica.url);
    await using at = await openFleet({ redisUrl: primary.url });
    expect((await at.first.registers.read(1)).outcome).toBe('miss');
    await toReplica.replicaOf('127.0.0.1', primary.port);
    await expectReplicating(toReplica);
    await expect.poll(async () => at.first.registers.read(1)).toMatchObject({ outcome: 'hit' });
    await expect.poll(async () => toReplica.dbSize()).toBe(await toPrimary.dbSize());

    // The replica loses its link and misses a write; then the two change places, never both primaries.
    await toReplica.replicaOf('127.0.0.1', 1);
    await at.first.set(1, 'second');
    await toPrimary.replicaOf('127.0.0.1', replica.port);
    await toReplica.sendCommand(['REPLICAOF', 'NO', 'ONE']);
    await expectReplicating(toPrimary);

    await expect.poll(async () => textOf(at.first, 1), patience).toBe('second');
    const endMs = performance.now() + 2_000;
    while (performance.now() < endMs) {
      expect(await textOf(at.first, 1)).toBe('second');
      await delay(20);
    }
    expect(at.first.cache.state.trusted).toBe(false);
    await expect(at.first.set(1, 'never')).rejects.toThrow(CacheUnavailableError);
  });

  it('processes that learn of a new replication id one after another agree on one epoch', async () => {
    await using primary = await startTestRedis({
      arguments: [...promptly, '--repl-backlog-ttl', '1'],
    });
    await using replica = await startTestRedis();
    await using toPrimary = await openRedisClient(primary.url);
    await using toReplica = await openRedisClient(replica.url);
    await using at = await openFleet({ redisUrl: primary.url });
    const beds = [at.first, await at.another()];
    await at.first.set(1, 'second');
    await toReplica.replicaOf('127.0.0.1', primary.port);
    await expectReplicating(toReplica);
    const before = await replicationId(toPrimary);

    // A primary draws a new id when its last replica has been gone for a while, and goes on with its data.
    await toReplica.sendCommand(['REPLICAOF', 'NO', 'ONE']);
    await expect.poll(async () => replicationId(toPrimary), patience).not.toBe(before);

    // This one learns of it as it connects, the others when they ask the next time.
    beds.push(await at.another());
    const agreed = async (): Promise<boolean> => {
      const states = beds.map(({ cache }) => cache.state);
      return states.every(({ trusted, epoch }) => trusted && epoch === states[0]?.epoch);
    };
    await expect.poll(agreed, patience).toBe(true);
    // Those who have not asked yet may begin another one, but soon all have asked.
    await expect.poll(async () => settledEpoch(beds, 1_500), { timeout: 12_000 }).toBeDefined();
    const { epoch } = at.first.cache.state;
    expect(epoch).toBeLessThanOrEqual(5);

    const endMs = performance.now() + 5_000;
    for (let turn = 0; performance.now() < endMs; turn += 1) {
      expect(beds.map(({ cache }) => cache.state)).toEqual(
        beds.map(() => expect.objectContaining({ mode: 'active', epoch })),
      );
      const text = `turn ${turn}`;
      for (const bed of beds) await bed.set(2, text);
      for (const bed of beds) expect(await textOf(bed, 2)).toBe(text);
      await delay(50);
    }
  });
});

type RedisClient = Awaited<ReturnType<typeof openRedisClient>>;

async function expectReplicating(client: RedisClient): Promise<void> {
  await expect
    .poll(async () => client.info('replication'), { timeout: 10_000 })
    .toContain('master_link_status:up');
}

async function replicationId(client: RedisClient): Promise<string | undefined> {
  return /master_replid:(\w+)/.exec(await client.info('replication'))?.[1];
}

async function textOf(bed: RegisterBed, id: number): Promise<string | undefined> {
  return (await bed.registers.read(id)).value?.text;
}

/** The epoch that all of them trust from now until then, or undefined. */
async function settledEpoch(
  beds: readonly RegisterBed[],
  forMs: number,
): Promise<number | undefined> {
  const first = beds[0]?.cache.state.epoch;
  for (const endMs = performance.now() + forMs; performance.now() < endMs; await delay(20)) {
    const states = beds.map(({ cache }) => cache.state);
    if (!states.every(({ trusted, epoch }) => trusted && epoch === first)) return undefined;
  }
  return first;
}
