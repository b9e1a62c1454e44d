import {
  ChangeFeed,
  PostgresChangeLog,
  ProductRepository,
  RowExpiry,
  ViewCounter,
} from '@throughline/product-repository';
import type { Logger } from '@throughline/telemetry';
import { systemAmbient } from '@throughline/write-through';
import type { ConnectionPool } from '@throughline/write-through/postgres';

export interface UpkeepOptions {
  readonly logger: Logger;
  /** Aborted when the process should stop. */
  readonly signal: AbortSignal;
  readonly writes: ConnectionPool;
  readonly control: ConnectionPool;
}

/** What is done beside the calls: views are counted, changes are told, and what nobody needs any more is deleted. */
export function openUpkeep(
  opening: AsyncDisposableStack,
  { writes, control, logger, signal }: UpkeepOptions,
) {
  const views = opening.use(
    new ViewCounter({
      addViews: async (counts) => ProductRepository.addViews(writes, counts),
      onFailure: (err) => logger.warn({ err }, 'view counts could not be saved; kept for later'),
    }),
  );
  opening.use(
    new RowExpiry({
      deleteExpired: async (countMax) => ProductRepository.deleteExpiredKeys(writes, countMax),
      onFailure: (err) => logger.warn({ err }, 'expired idempotency keys could not be deleted'),
    }),
  );
  const log = new PostgresChangeLog(control);
  opening.use(
    new RowExpiry({
      deleteExpired: async (countMax) => log.deleteOld(countMax),
      onFailure: (err) => logger.warn({ err }, 'old changes could not be deleted'),
    }),
  );
  const feed = opening.use(
    new ChangeFeed({
      log,
      ambient: systemAmbient,
      signal,
      onFailure: (err) => logger.warn({ err }, 'changes cannot be told'),
    }),
  );
  return { views, feed };
}
