import type { Logger, Metrics } from '@throughline/telemetry';
import { defaultLimits, interceptedStore, WriteThroughCache } from '@throughline/write-through';
import {
  type ConnectionPool,
  PgConnectionPool,
  PostgresEpochRegister,
  PostgresOutbox,
  PostgresTransactions,
  type Connection,
} from '@throughline/write-through/postgres';
import { RedisEntryStore } from '@throughline/write-through/redis';
import type { CacheMetrics } from './cache-metrics.ts';
import { type CacheSpans, composeObservers, spannedStore } from './cache-spans.ts';
import type { Config } from './config.ts';
import { leaseConnectionsMax } from './connections-max.ts';
import { logModeChanges, logOverdueHolder, logStoreChanges } from './observe-cache.ts';
import { observeSteps } from './observe-steps.ts';
import { observeCommands } from './redis-metrics.ts';
import type { StepTiming } from './request-timing.ts';

/** What the cache needs of the catalogue that opens it. */
export interface OpenCacheOptions {
  readonly config: Config;
  readonly logger: Logger;
  /** Left out, nothing is counted. */
  readonly metrics?: Pick<Metrics, 'histogram' | 'count'> | undefined;
  /** Told of what happens within. */
  readonly observer: CacheMetrics | undefined;
  /** Left out, there are none. */
  readonly spans?: CacheSpans | undefined;
  readonly timing: StepTiming;
  /** Closed by whoever opens the catalogue. */
  readonly opening: AsyncDisposableStack;
  /** Connections for write transactions. */
  readonly writes: ConnectionPool;
  /** Connections for short questions. */
  readonly control: ConnectionPool;
  /** Whether a pooler stands before PostgreSQL. */
  readonly isPooled: boolean;
}

/** Opens the cache on its stores, and says in the log what it is doing. It starts when told. */
export function openCache(options: OpenCacheOptions): WriteThroughCache<Connection> {
  const { config, logger, metrics, observer, spans, timing, opening } = options;
  const { writes, control, isPooled } = options;
  const { namespace: name, onFailure } = config.cache;
  const lease = opening.use(
    new PgConnectionPool({
      databaseUrl: config.databaseUrl,
      connectionsMax: leaseConnectionsMax,
      applicationName: 'throughline lease',
    }),
  );
  const onCommand = metrics && observeCommands(metrics);
  const store = opening.use(
    new RedisEntryStore({ ...config.redis, prefix: name, ...(onCommand && { onCommand }) }),
  );
  logStoreChanges(store, logger);
  const observed = interceptedStore(store, observeSteps({ metrics, logger, timing }));
  const cache = opening.use(
    new WriteThroughCache<Connection>({
      store: spans === undefined ? observed : spannedStore(observed),
      transactions: new PostgresTransactions({ writes, control, name, isPooled }),
      register: new PostgresEpochRegister({
        lease,
        control,
        name,
        onOverdueHolder: (holder) => logOverdueHolder(holder, logger),
      }),
      outbox: new PostgresOutbox({ control, name }),
      onFailure,
      limits: { writesMax: writesMaxOf(config) },
      observer:
        spans === undefined || observer === undefined
          ? observer
          : composeObservers(spans, observer),
    }),
  );
  logModeChanges(cache, logger);
  cache.onModeChange((state) => metrics?.count('cache_mode_transitions_total', { state }));
  return cache;
}

/** One connection is left to what follows changes from outside, however many writers wait for locks. */
function writesMaxOf({ databasePoolMax }: Config): number {
  return Math.max(1, Math.min(defaultLimits.writesMax, databasePoolMax - 1));
}
