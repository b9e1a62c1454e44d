import type { CacheAdmin } from '@throughline/product-repository';
import type { Logger } from '@throughline/telemetry';

/** The same administration, which tells in the log what it was asked to change. */
export function loggedCacheAdmin(admin: CacheAdmin, logger: Logger): CacheAdmin {
  return {
    inspect: async (key) => admin.inspect(key),
    warm: (count) => admin.warm(count),
    async invalidate(key) {
      const dropped = await admin.invalidate(key);
      logger.info(dropped, 'an entry was dropped by request');
      return dropped;
    },
    async reset() {
      logger.warn('the cache is being reset by request');
      const begun = await admin.reset();
      logger.warn(begun, 'the cache was reset by request');
      return begun;
    },
    async verify(sample) {
      const result = await admin.verify(sample);
      if (result.different > 0) logger.error(result, 'entries differ from the database');
      return result;
    },
  };
}
