import { redisKeyPrefix, startTestRedisSentinels } from '@throughline/local-stack/testing';
import { describe, expect, it } from 'vitest';
import { CheckedLoad } from '../testing/checked-load.ts';
import { openFleet } from '../testing/fleet.ts';
import { openRedisEntryStore } from '../testing/open-redis-entry-store.ts';
import { openRedisClient } from '../testing/redis-client.ts';
import { RedisEntryStore } from './redis-entry-store.ts';

/** A failover takes the Sentinels some seconds, a new epoch another one, and the machine may be busy. */
const patience = { timeout: 60_000 };

describe('a primary that Sentinels name', { timeout: 180_000 }, () => {
  it('a killed one is followed by a replica in a new epoch, and is not used when it comes back', async () => {
    await using redis = await startTestRedisSentinels();
    await using at = await openFleet({ redis: { url: redis.url } });
    await using load = new CheckedLoad([at.first, await at.another()]);
    await hitsGrow(load);
    const first = await redis.primary();

    await first.kill();
    const second = await redis.promoted(first);
    await expect.poll(() => at.first.cache.state, patience).toMatchObject({ trusted: true });
    expect(at.first.cache.state.epoch).toBe(2);
    await hitsGrow(load);

    await first.restart();
    await using client = await openRedisClient(first.url);
    await expect.poll(async () => client.info('replication'), patience).toContain('role:slave');
    await hitsGrow(load);
    expect(await client.info('commandstats')).not.toContain('cmdstat_mget');
    expect(await redis.primary()).toBe(second);
    expect(at.first.cache.state.epoch).toBe(2);
    expect(await load.stop()).toEqual({ violations: [], miscounted: [] });
  });

  it('one that was stopped in mid-air while a replica took over is not believed when it goes on', async () => {
    await using redis = await startTestRedisSentinels();
    await using at = await openFleet({ redis: { url: redis.url } });
    await using load = new CheckedLoad([at.first, await at.another()]);
    await hitsGrow(load);
    const first = await redis.primary();
    await first.pause();
    await redis.promoted(first);
    await expect.poll(() => at.first.cache.state, patience).toMatchObject({ trusted: true });
    await first.resume();
    await hitsGrow(load);
    expect(await load.stop()).toEqual({ violations: [], miscounted: [] });
  });

  it('one that is replaced while it lives is left within seconds', async () => {
    await using redis = await startTestRedisSentinels();
    await using at = await openFleet({ redis: { url: redis.url } });
    await using load = new CheckedLoad([at.first, await at.another()]);
    await hitsGrow(load);
    await redis.failover();
    await expect.poll(() => at.first.cache.state.epoch, patience).toBeGreaterThan(1);
    await hitsGrow(load);
    expect(await load.stop()).toEqual({ violations: [], miscounted: [] });
  });

  it('goes on being used while every Sentinel is away, and is found again when one is back', async () => {
    await using redis = await startTestRedisSentinels();
    const prefix = redisKeyPrefix();
    await using store = await openRedisEntryStore({ url: redis.url, prefix });
    const { identity } = store;
    await Promise.all(redis.sentinels.map(async (sentinel) => sentinel.kill()));
    const epoch = await store.install(0, '00000000000000e1');
    expect(epoch.storeIdentity).toBe(identity);

    await using late = new RedisEntryStore({ url: redis.url, prefix });
    await expect.poll(() => late.problem, patience).toMatch(/No Sentinel names .*ECONNREFUSED/);
    await redis.sentinels[1]?.restart();
    await expect.poll(() => late.identity, patience).toBe(identity);
  });

  it('says what to set when a Sentinel is taken for a Redis, or a Redis for a Sentinel', async () => {
    await using redis = await startTestRedisSentinels({ replicas: 0, sentinels: 1 });
    const prefix = redisKeyPrefix();
    await using sentinel = new RedisEntryStore({ url: redis.sentinels[0]?.url ?? '', prefix });
    await expect
      .poll(() => sentinel.problem, patience)
      .toMatch(/It is a Sentinel; the path of its url \(REDIS_URL\) has to be the name/);
    const url = `${redis.servers[0]?.url}/mymaster`;
    await using plain = new RedisEntryStore({ url, prefix });
    await expect.poll(() => plain.problem, patience).toMatch(/It is no Sentinel; of one Redis/);
  });

  it('is found by a user of the Sentinels’ own, who may do nothing but ask', async () => {
    await using redis = await startTestRedisSentinels({ replicas: 0, sentinels: 1 });
    await using admin = await openRedisClient(redis.sentinels[0]?.url ?? '');
    const rights = ['+ping', '+sentinel|get-master-addr-by-name'];
    await admin.sendCommand(['ACL', 'SETUSER', 'asker', 'on', '>an&other', '-@all', ...rights]);
    await admin.sendCommand(['ACL', 'SETUSER', 'default', 'off']);
    const prefix = redisKeyPrefix();
    await using stranger = new RedisEntryStore({ url: redis.url, prefix });
    await expect
      .poll(() => stranger.problem, patience)
      .toMatch(/^No Sentinel names .*NO(AUTH|PERM)/);
    const url = `${redis.url}?sentinelUsername=asker&sentinelPassword=an%26other`;
    await using store = new RedisEntryStore({ url, prefix });
    await expect.poll(() => store.identity, patience).toBeDefined();
  });

  it('says so when no Sentinel knows the name', async () => {
    await using redis = await startTestRedisSentinels({ replicas: 0, sentinels: 1 });
    const url = redis.url.replace(redis.name, 'another');
    await using store = new RedisEntryStore({ url, prefix: redisKeyPrefix() });
    await expect
      .poll(() => store.problem, patience)
      .toMatch(/^No Sentinel names a primary another\. .*It knows none of that name/);
  });
});

async function hitsGrow(load: CheckedLoad): Promise<void> {
  const [hits, written] = [load.count('hit'), load.count('written')];
  await expect.poll(() => load.count('hit'), patience).toBeGreaterThan(hits + 500);
  await expect.poll(() => load.count('written'), patience).toBeGreaterThan(written + 20);
}
