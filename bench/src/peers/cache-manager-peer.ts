import { createKeyv } from '@keyv/redis';
import { createCache } from 'cache-manager';
import type { Peer, PeerOptions } from './peer.ts';

/** On Redis alone: with a layer in memory before it, every process would answer what it remembers. */
export function openCacheManager<Value>(options: PeerOptions<Value>): Peer<Value> {
  const { redisUrl, lifeMs, load } = options;
  const cache = createCache({ stores: [createKeyv(redisUrl)], ttl: lifeMs });
  return {
    read: async (id) => cache.wrap(`${id}`, async () => load(id), lifeMs),
    forget: async (id) => void (await cache.del(`${id}`)),
  };
}
