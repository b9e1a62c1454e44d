import {
  localStack,
  redisKeyPrefix,
  startTestRedisCluster,
  startTestRedisSentinels,
} from '@throughline/local-stack/testing';
import { afterAll, beforeAll, describe } from 'vitest';
import { describeEntryStore } from '../testing/entry-store-contract.ts';
import { openRedisEntryStore } from '../testing/open-redis-entry-store.ts';
import type { RedisLocation } from './redis-place.ts';

describeEntryStore('RedisEntryStore', async () =>
  openRedisEntryStore({ url: localStack().redisUrl, prefix: redisKeyPrefix() }),
);

describeAt('RedisEntryStore on a Redis Cluster', async (servers) => {
  const cluster = servers.use(await startTestRedisCluster());
  return { clusterUrls: cluster.urls };
});

describeAt('RedisEntryStore on the primary that Sentinels name', async (servers) => {
  const redis = servers.use(await startTestRedisSentinels());
  return { url: redis.url };
});

function describeAt(
  name: string,
  start: (servers: AsyncDisposableStack) => Promise<RedisLocation>,
): void {
  describe(name, () => {
    const servers = new AsyncDisposableStack();
    let location: RedisLocation;
    beforeAll(async () => {
      location = await start(servers);
    });
    afterAll(async () => servers.disposeAsync());
    describeEntryStore(name, async () =>
      openRedisEntryStore({ ...location, prefix: redisKeyPrefix() }),
    );
  });
}
