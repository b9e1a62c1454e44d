import { createKeyv } from '@keyv/redis';
import { Cacheable } from 'cacheable';
import type { Peer, PeerOptions } from './peer.ts';

/** On Redis alone: with a layer in memory before it, every process would answer what it remembers. */
export function openCacheable<Value>(options: PeerOptions<Value>): Peer<Value> {
  const { redisUrl, lifeMs, load } = options;
  const cache = new Cacheable({ primary: createKeyv(redisUrl), ttl: lifeMs });
  return {
    read: async (id) => {
      const value = await cache.getOrSet(`${id}`, async () => load(id), { ttl: lifeMs });
      if (value === undefined) throw new Error(`cacheable could not load ${id}.`);
      return value;
    },
    forget: async (id) => void (await cache.delete(`${id}`)),
  };
}
