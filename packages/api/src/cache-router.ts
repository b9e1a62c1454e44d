import type { CacheStatus } from './cache-status.ts';
import { adminProcedure, router } from './trpc.ts';

export function createCacheRouter(status: () => CacheStatus) {
  return router({
    status: adminProcedure.query(() => status()),
  });
}
