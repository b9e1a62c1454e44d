import type { Logger } from '@throughline/telemetry';
import type { WriteThroughCache } from '@throughline/write-through';
import type { LockHolder } from '@throughline/write-through/postgres';
import type { RedisEntryStore } from '@throughline/write-through/redis';

/** Says when Redis can be used and when it cannot and why, once for each change. */
export function logStoreChanges(store: RedisEntryStore, logger: Logger): void {
  store.onIdentityChange(() => {
    const { identity, problem } = store;
    if (identity !== undefined) logger.info({ redis: identity }, 'Redis can be used');
    else logger.error({ problem }, 'Redis cannot be used: reads come from PostgreSQL');
  });
}

/** Says when all processes leave the cache and when they use it again, once for each change. */
export function logModeChanges(
  cache: Pick<WriteThroughCache<never>, 'onModeChange'>,
  logger: Logger,
): void {
  cache.onModeChange((mode, epoch) => {
    if (mode === 'active') logger.info({ epoch }, 'the cache is active');
    else if (mode === 'bypass') logger.warn({ epoch }, 'the cache is bypassed');
    else if (epoch > 0) logger.warn({ epoch }, 'the cache is draining');
  });
}

/** Says which write transactions were ended, or could not be, because a new epoch waited for them for too long. */
export function logOverdueHolder({ end, ...holder }: LockHolder, logger: Logger): void {
  if (end === 'ended') logger.warn(holder, 'a write transaction lived for too long and was ended');
  else logger.error(holder, 'a write transaction holds up the cache and may not be ended');
}
