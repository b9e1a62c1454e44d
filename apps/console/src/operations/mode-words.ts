import type { CacheStatus } from './cache-answers.ts';

/** What the mode of the cache, and the trust in it, mean for those who call the service. */
export function modeWords(status: CacheStatus): string {
  const { mode, trusted, leaseHeld, storeReachable, isolated } = status;
  if (isolated) {
    return 'Other processes reach Redis and this one does not: its reads come from PostgreSQL, and its own writes are refused for ten seconds.';
  }
  switch (mode) {
    case 'draining':
      return 'An epoch ends: reads come from PostgreSQL; writes wait for a second or more, or are refused where Redis is away.';
    case 'bypass':
      return 'PostgreSQL alone answers and takes writes. Nothing is stale; the cache is empty when Redis can be used again.';
    case 'active':
      if (trusted)
        return 'Reads come from Redis where that is safe; writes go to PostgreSQL and Redis.';
      if (!storeReachable)
        return 'Redis cannot be used: reads come from PostgreSQL. Nothing is stale.';
      if (!leaseHeld) {
        return 'PostgreSQL has not confirmed the epoch for a second: reads go to PostgreSQL.';
      }
      return 'An epoch is about to change: reads come from PostgreSQL for a moment.';
  }
}
