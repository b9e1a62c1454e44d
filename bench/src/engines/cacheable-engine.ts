import { openCacheable } from '../peers/cacheable-peer.ts';
import { lifeMs } from '../shops/shop.ts';
import { type EngineValue, serveEngine, valueOf } from './serve-engine.ts';

await serveEngine(async ({ REDIS_URL: redisUrl }) => {
  const load = async (id: number): Promise<EngineValue> => valueOf(id);
  const peer = openCacheable({ redisUrl, lifeMs, load });
  return async (id) => peer.read(id);
});
