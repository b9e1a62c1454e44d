import { createCache } from 'async-cache-dedupe';
import { Redis } from 'ioredis';
import type { Peer, PeerOptions } from './peer.ts';

export function openAsyncCacheDedupe<Value>(options: PeerOptions<Value>): Peer<Value> {
  const { redisUrl, lifeMs, load } = options;
  const cache = createCache({
    ttl: lifeMs / 1000,
    storage: { type: 'redis', options: { client: new Redis(redisUrl) } },
  }).define('product', async (id: number) => load(id));
  return {
    read: async (id) => cache.product(id),
    forget: async (id) => cache.clear('product', id),
  };
}
