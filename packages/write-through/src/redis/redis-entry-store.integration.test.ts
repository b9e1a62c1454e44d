import {
  localStack,
  redisKeyPrefix,
  startTestRedisCluster,
  startTestRedisSentinels,
} from '@throughline/local-stack/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { encodePending } from '../entry-frame.ts';
import { describeEntryStore } from '../testing/entry-store-contract.ts';
import { openRedisEntryStore } from '../testing/open-redis-entry-store.ts';
import { openRedisClient } from '../testing/redis-client.ts';
import { uncheckedFrame } from '../testing/unchecked-frame.ts';
import { KeySpace } from './key-space.ts';

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

it('starts no timer of the client for a command, which would run on after the answer', async () => {
  await using store = await openRedisEntryStore({
    url: localStack().redisUrl,
    prefix: redisKeyPrefix(),
  });
  const epoch = await store.install(0, '00000000000000e1');
  const timeout = vi.spyOn(AbortSignal, 'timeout');
  try {
    await store.get(epoch, ['product:1']);
    await store.extend(epoch, 'product:1', {
      state: 'none',
      version: 1,
      lifeMs: 60_000,
      expiresAtMs: 2_000_000_000_000,
    });
    expect(timeout).not.toHaveBeenCalled();
  } finally {
    timeout.mockRestore();
  }
});

describe('beside a release that wrote no checksums', () => {
  const key = 'product:1';
  const nonce = '00000000000000b1';
  const [first, second] = [
    { xid: 7n, token: '00000000000000a1' },
    { xid: 8n, token: '00000000000000a2' },
  ];
  const entry = {
    state: 'value',
    schema: 1,
    version: 4,
    payload: Buffer.from('4'),
    lifeMs: 60_000,
    expiresAtMs: 2_000_000_000_000,
  } as const;

  async function setUp() {
    const [url, prefix] = [localStack().redisUrl, redisKeyPrefix()];
    const store = await openRedisEntryStore({ url, prefix });
    const epoch = await store.install(0, '00000000000000e1');
    const admin = await openRedisClient(url);
    const name = new KeySpace(prefix).locate(epoch, key).entry;
    const put = async (frame: Buffer) => admin.set(name, frame, { PX: 60_000 });
    const state = async () => {
      const entries = await store.get(epoch, [key]);
      return 'state' in entries ? entries.reason : entries.get(key)?.state;
    };
    return {
      store,
      epoch,
      put,
      state,
      [Symbol.asyncDispose]: async () => {
        await admin[Symbol.asyncDispose]();
        await store[Symbol.asyncDispose]();
      },
    };
  }

  it.each(['V', 'N'] as const)(
    'answers nobody from its %s, and lets a write replace it',
    async (of) => {
      await using at = await setUp();
      const { store, epoch } = at;
      await at.put(uncheckedFrame(of, 3));
      expect(await at.state()).toBe('unreadable');
      const leased = await store.lease(epoch, key, { token: nonce, lifeMs: 1_000 });
      expect(leased).toEqual({ state: 'unreadable' });
      expect(await store.intend(epoch, key, { attempt: first, nonce })).toEqual({
        state: 'applied',
      });
      expect(await at.state()).toBe('pending');
      await store.publish(epoch, key, { attempt: first, entry });
      expect(await store.get(epoch, [key])).toEqual(new Map([[key, entry]]));
    },
  );

  it.each([
    ['keeps the later version that it published behind a pending entry', 5, 'unreadable'],
    ['publishes over the older one that it published there', 3, 'value'],
  ])('%s', async (_, published, state) => {
    await using at = await setUp();
    const { store, epoch } = at;
    const attempts = [first, second];
    await at.put(
      encodePending({ state: 'pending', nonce, attempts }, uncheckedFrame('V', published)),
    );
    await store.publish(epoch, key, { attempt: first, entry });
    expect(await at.state()).toBe('pending');
    await store.abandon(epoch, key, second);
    expect(await at.state()).toBe(state);
  });
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
