import type { Peer, PeerOptions } from '../peers/peer.ts';
import { lifeMs } from '../shops/shop.ts';
import { type EngineValue, serveEngine, valueOf } from './serve-engine.ts';

/** Serves the reads of a peer that loads values as cheaply as ours does. */
export async function servePeerEngine(
  open: (options: PeerOptions<EngineValue>) => Peer<EngineValue>,
): Promise<void> {
  await serveEngine(async ({ REDIS_URL: redisUrl }) => {
    const peer = open({ redisUrl, lifeMs, load: async (id) => valueOf(id) });
    return async (id) => peer.read(id);
  });
}
