import { openCacheManager } from '../peers/cache-manager-peer.ts';
import { lifeMs } from '../shops/shop.ts';
import { type EngineValue, serveEngine, valueOf } from './serve-engine.ts';

await serveEngine(async ({ REDIS_URL: redisUrl }) => {
  const load = async (id: number): Promise<EngineValue> => valueOf(id);
  const peer = openCacheManager({ redisUrl, lifeMs, load });
  return async (id) => peer.read(id);
});
