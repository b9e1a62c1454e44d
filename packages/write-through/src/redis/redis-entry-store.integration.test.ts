import {
  localStack,
  redisKeyPrefix,
  startTestRedisCluster,
  startTestRedisSentinels,
} from '@throughline/local-stack/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeEntryStore } from '../testing/entry-store-contract.ts';
import { openRedisEntryStore } from '../testing/open-redis-entry-store.ts';

describeEntryStore('RedisEntryStore', async () =>
  openRedisEntryStore({ url: localStack().redisUrl, prefix: redisKeyPrefix() }),
);

it('asks Redis with one MGET for what many read at once, and tells of one command', async () => {
  const commands: string[] = [];
  await using store = await openRedisEntryStore({
    url: localStack().redisUrl,
    prefix: redisKeyPrefix(),
    onCommand: (name) => void commands.push(name),
  });
  const epoch = await store.install(0, '00000000000000e1');
  const keys = Array.from({ length: 100 }, (_, index) => `product:${index}`);
  for (let turn = 1; turn <= 3; turn += 1) {
    commands.length = 0;
    await Promise.all(keys.map(async (key) => store.get(epoch, [key])));
    expect(commands.filter((name) => name === 'MGET')).toHaveLength(1);
  }
});

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
