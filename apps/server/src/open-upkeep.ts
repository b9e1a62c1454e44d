import {
  ChangeFeed,
  PostgresChangeLog,
  ProductRepository,
  RowExpiry,
  ViewCounter,
} from '@throughline/product-repository';
import type { Logger } from '@throughline/telemetry';
import { systemAmbient } from '@throughline/write-through';
import { type ConnectionPool, PgConnectionPool } from '@throughline/write-through/postgres';
import type { Config } from './config.ts';
import { changesConnectionsMax } from './connections-max.ts';

export interface UpkeepOptions {
  readonly config: Pick<Config, 'databaseUrl'>;
  readonly logger: Logger;
  readonly writes: ConnectionPool;
  /** Makes what it opens itself fit for a pooler, and observes it. */
  readonly fit: (pool: ConnectionPool) => ConnectionPool;
}

/** What is done beside the calls: views are counted, changes are told, and what nobody needs any more is deleted. */
export function openUpkeep(
  opening: AsyncDisposableStack,
  { config: { databaseUrl }, logger, writes, fit }: UpkeepOptions,
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
  const changes = opening.use(
    new PgConnectionPool({
      databaseUrl,
      connectionsMax: changesConnectionsMax,
      applicationName: 'throughline changes',
    }),
  );
  const log = new PostgresChangeLog(fit(changes));
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
      onFailure: (err) => logger.warn({ err }, 'changes cannot be told'),
    }),
  );
  return { views, feed };
}
