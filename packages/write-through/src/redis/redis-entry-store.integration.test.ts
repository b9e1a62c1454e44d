import {
  localStack,
  redisKeyPrefix,
  startTestRedisCluster,
  startTestRedisSentinels,
} from '@throughline/local-stack/testing';
import { afterAll, beforeAll, describe } from 'vitest';
import { describeEntryStore } from '../testing/entry-store-contract.ts';
import { openRedisEntryStore } from '../testing/open-redis-entry-store.ts';

describeEntryStore('RedisEntryStore', async () =>
  openRedisEntryStore({ url: localStack().redisUrl, prefix: redisKeyPrefix() }),
);

describe('on a Redis Cluster', () => {
  let cluster: Awaited<ReturnType<typeof startTestRedisCluster>>;
  beforeAll(async () => {
    cluster = await startTestRedisCluster();
  });
  afterAll(async () => cluster[Symbol.asyncDispose]());

  describeEntryStore('RedisEntryStore', async () =>
    openRedisEntryStore({ clusterUrls: cluster.urls, prefix: redisKeyPrefix() }),
  );
});

describe('on the primary that Sentinels name', () => {
  let redis: Awaited<ReturnType<typeof startTestRedisSentinels>>;
  beforeAll(async () => {
    redis = await startTestRedisSentinels();
  });
  afterAll(async () => redis[Symbol.asyncDispose]());

  describeEntryStore('RedisEntryStore', async () =>
    openRedisEntryStore({ url: redis.url, prefix: redisKeyPrefix() }),
  );
});
