import { BentoCache, bentostore } from 'bentocache';
import { redisDriver } from 'bentocache/drivers/redis';
import { Redis } from 'ioredis';
import type { Peer, PeerOptions } from './peer.ts';

/** On Redis alone: with a layer in memory before it, every process would answer what it remembers. */
export function openBentocache<Value>(options: PeerOptions<Value>): Peer<Value> {
  const { redisUrl, lifeMs, load } = options;
  const store = bentostore().useL2Layer(redisDriver({ connection: new Redis(redisUrl) }));
  const cache = new BentoCache({ default: 'products', stores: { products: store } });
  return {
    read: async (id) =>
      cache.getOrSet({ key: `${id}`, ttl: lifeMs, factory: async () => load(id) }),
    forget: async (id) => void (await cache.delete({ key: `${id}` })),
  };
}
