import { localStack, redisKeyPrefix } from '@throughline/local-stack/testing';
import { describeEntryStore } from '../testing/entry-store-contract.ts';
import { openRedisEntryStore } from '../testing/open-redis-entry-store.ts';

describeEntryStore('RedisEntryStore', async () =>
  openRedisEntryStore({ url: localStack().redisUrl, prefix: redisKeyPrefix() }),
);
