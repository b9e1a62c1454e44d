import type { CacheStatus } from '@throughline/api';
import {
  type CacheAdmin,
  type ChangeFeed,
  type EntryLives,
  migrate,
  openSequelize,
  poolLimits,
  type PoolState,
  ProductRepository,
  type ProductService,
  SequelizePool,
} from '@throughline/product-repository';
import type { Logger, Metrics } from '@throughline/telemetry';
import type {
  Auditor,
  AuditCounts,
  CacheState,
  Instrument,
  OutboxBacklog,
  OutboxDrain,
  WriteThroughCache,
} from '@throughline/write-through';
import {
  type ConnectionPool,
  isBehindPooler,
  PgConnectionPool,
  unprepared,
  withConnection,
  wrappedPool,
} from '@throughline/write-through/postgres';
import { CacheMetrics } from './cache-metrics.ts';
import type { CacheSpans } from './cache-spans.ts';
import type { Config } from './config.ts';
import { controlConnectionsMax } from './connections-max.ts';
import { measuredAcquire, measuredQueries } from './database-metrics.ts';
import { HotKeys } from './hot-keys.ts';
import { loggedCacheAdmin } from './log-cache-admin.ts';
import { logViolation } from './log-violation.ts';
import { openCache } from './open-cache.ts';
import { openUpkeep } from './open-upkeep.ts';
import { ReadCounts } from './read-counts.ts';
import { isCallerThere } from './request-caller.ts';
import type { StepTiming } from './request-timing.ts';
import { waitForPostgres } from './wait-for-postgres.ts';
import { WarmUp } from './warm-up.ts';

/** What the catalogue needs of the process that opens it. */
export interface CatalogueOptions {
  readonly config: Config;
  readonly logger: Logger;
  /** Runs around every operation of the repository. */
  readonly instrument: Instrument;
  /** Left out, nothing is counted. */
  readonly metrics?: Pick<Metrics, 'observe' | 'histogram' | 'count' | 'counter'> | undefined;
  /** Told what spans of the cache should say; left out, there are none. */
  readonly spans?: CacheSpans | undefined;
  /** Told how long each step took that a request waited for, in milliseconds. */
  readonly timing: StepTiming;
  /** Aborted when the process should stop: opening gives up then, and rejects with its reason. */
  readonly signal: AbortSignal;
}

/** The product catalogue with its stores. Disposing of it closes them, with no accepted write lost. */
export interface Catalogue extends AsyncDisposable {
  readonly products: ProductService;
  readonly admin: CacheAdmin;
  status(): CatalogueStatus;
  /** What metrics are made of; undefined of a catalogue without stores. */
  readings(): CatalogueReadings | undefined;
  /** Resolves when the warm-up has ended or run out of time. */
  readonly ready: Promise<void>;
  /** Ends what clients follow, who then connect again elsewhere; nothing else would end it. */
  endSubscriptions(): void;
  /** Resolves if PostgreSQL answers, rejects if not. */
  ping(): Promise<void>;
}

/** All that `cache.status` tells but what only the process can know. */
export type CatalogueStatus = Omit<CacheStatus, 'process' | 'latencies'>;

/** What there is to see of the stores and of the work in the background at this moment. */
export interface CatalogueReadings {
  readonly cache: CacheState;
  /** How long this process may still believe the epoch row; 0 if it may not. */
  readonly leaseLeftMs: number;
  /** Of the most read keys, the hottest first. */
  readonly hotKeyShares: readonly number[];
  readonly outbox: OutboxBacklog | undefined;
  readonly audits: AuditCounts;
  readonly lastJudgedAtMs: number | undefined;
  readonly warmUp: { readonly loaded: number; readonly tookMs: number | undefined };
  /** Subscriptions that are told of changes. */
  readonly followers: number;
  readonly pools: Readonly<Record<'reads' | 'writes', PoolState>>;
}

export type OpenCatalogue = (options: CatalogueOptions) => Promise<Catalogue>;

/** Of the most read keys, as many as the metric has ranks. */
const hotKeysTold = 10;

/**
 * Opens the repository on the stores that the configuration names. Waits for PostgreSQL, migrates it, and
 * warms the cache in the background; a Redis that is away is only logged.
 */
export const openCatalogue: OpenCatalogue = async (options) => {
  const { config, logger, metrics, signal } = options;
  const { databaseUrl, cache: settings } = config;
  await using opening = new AsyncDisposableStack();

  const control = opening.use(
    new PgConnectionPool({
      databaseUrl,
      connectionsMax: controlConnectionsMax,
      applicationName: 'throughline control',
    }),
  );
  await waitForPostgres({ control, logger, signal });
  const isPooled = await isBehindPooler(databaseUrl);
  if (isPooled) logger.info('PostgreSQL is behind a pooler: statements are not prepared');
  // Writers that queue for one hot product must not keep every reader from PostgreSQL.
  const statementMs = isPooled ? undefined : poolLimits.statementMs;
  const reads = openPool({ ...options, opening, use: 'reads', statementMs });
  const writes = openPool({ ...options, opening, use: 'writes' });
  const fit = (pool: ConnectionPool) => {
    const fitting = isPooled ? unprepared(pool) : pool;
    // Outermost, where statements still have their names.
    return metrics === undefined ? fitting : measuredQueries(fitting, metrics);
  };
  const [readPool, writePool] = [fit(reads.pool), fit(writes.pool)];
  await migrate(writes.sequelize, { log: (message) => logger.info(message), signal });

  const hotKeys = new HotKeys({ nowMs: () => performance.now(), random: Math.random });
  const counted = new ReadCounts();
  const observer = metrics && new CacheMetrics(metrics, { hotKeys, reads: counted });
  const stores = { opening, writes: writePool, control: fit(control), isPooled };
  const cache = openCache({ ...options, ...stores, observer });
  await cache.start();

  const { views, feed } = openUpkeep(opening, { ...options, writes: writePool, fit });
  const products = new ProductRepository({
    cache,
    pool: readPool,
    lives: livesOf(settings),
    views,
    feed,
    instrument: options.instrument,
    isWanted: isCallerThere,
  });
  for (const namespace of cache.namespaces) observer?.begin(namespace);
  const drain = opening.use(
    products.drain((err) =>
      logger.error({ err }, 'changes made past the service are not followed'),
    ),
  );
  const auditor = opening.use(products.audit((violation) => logViolation(violation, logger)));
  const warmUp = new WarmUp({ products, count: settings.warmCount, logger });
  const ready = warmUp.run(signal);
  cache.onModeChange((mode) => {
    if (mode === 'active') void warmUp.run(signal);
  });
  const opened = opening.move();
  return {
    products,
    admin: loggedCacheAdmin(products.cacheAdmin, logger),
    status: () => statusOf({ cache, counted, hotKeys, drain, auditor, warmUp }),
    readings: () => readingsOf({ cache, hotKeys, drain, auditor, warmUp, feed, reads, writes }),
    ready,
    endSubscriptions: () => feed.end(),
    ping: async () => {
      await withConnection(control, async (db) => db.query({ text: 'SELECT 1' }));
    },
    [Symbol.asyncDispose]: async () => opened.disposeAsync(),
  };
};

function livesOf({ ttlProductMs, ttlPriceMs, ttlListMs }: Config['cache']): EntryLives {
  return { productMs: ttlProductMs, priceMs: ttlPriceMs, listMs: ttlListMs };
}

interface StatusParts {
  readonly cache: Pick<WriteThroughCache<never>, 'state' | 'leaseLeftMs' | 'writesWaiting'>;
  readonly counted: Pick<ReadCounts, 'counts' | 'hitRatio'>;
  readonly hotKeys: Pick<HotKeys, 'top'>;
  readonly drain: Pick<OutboxDrain<never>, 'state'>;
  readonly auditor: Pick<Auditor<never>, 'state' | 'counts' | 'lastJudgedAtMs'>;
  readonly warmUp: Pick<WarmUp, 'progress' | 'tookMs'>;
}

function statusOf({
  cache,
  counted,
  hotKeys,
  drain,
  auditor,
  warmUp,
}: StatusParts): CatalogueStatus {
  const { pendingEntries = null, oldestPendingMs = null, ...state } = cache.state;
  return {
    ...state,
    pendingEntries,
    oldestPendingMs,
    leaseLeftMs: cache.leaseLeftMs,
    hitRatio: counted.hitRatio,
    reads: counted.counts,
    hotKeys: hotKeys.top(hotKeysTold),
    outbox: drain.state ?? null,
    audit: auditor.state,
    warmUp: warmUp.progress,
  };
}

interface ReadParts extends Omit<StatusParts, 'counted'> {
  readonly feed: Pick<ChangeFeed, 'followers'>;
  readonly reads: { readonly sequelizePool: Pick<SequelizePool, 'state'> };
  readonly writes: { readonly sequelizePool: Pick<SequelizePool, 'state'> };
}

function readingsOf({ cache, hotKeys, drain, auditor, warmUp, feed, reads, writes }: ReadParts) {
  return {
    cache: cache.state,
    leaseLeftMs: cache.leaseLeftMs,
    hotKeyShares: hotKeys.top(hotKeysTold).map(({ share }) => share),
    outbox: drain.state,
    audits: auditor.counts,
    lastJudgedAtMs: auditor.lastJudgedAtMs,
    warmUp: { loaded: warmUp.progress.loaded, tookMs: warmUp.tookMs },
    followers: feed.followers,
    pools: {
      reads: withQueue(reads.sequelizePool.state, cache.state.loadsWaiting),
      writes: withQueue(writes.sequelizePool.state, cache.writesWaiting),
    },
  };
}

/** The cache sends fewer than a pool could take: most callers wait for their turn, before they ask for a connection. */
function withQueue(pool: PoolState, queued: number): PoolState {
  return { ...pool, waiting: pool.waiting + queued };
}

interface PoolOptions extends Pick<CatalogueOptions, 'config' | 'metrics' | 'timing'> {
  readonly opening: AsyncDisposableStack;
  /** Shown in `pg_stat_activity`. */
  readonly use: 'reads' | 'writes';
  readonly statementMs?: number | undefined;
}

function openPool({ config, metrics, timing, opening, use, statementMs }: PoolOptions) {
  const sequelize = openSequelize({
    databaseUrl: config.databaseUrl,
    poolMax: config.databasePoolMax,
    applicationName: `throughline ${use}`,
    statementMs,
  });
  opening.defer(async () => sequelize.close());
  const sequelizePool = new SequelizePool(sequelize);
  const measured =
    metrics === undefined ? sequelizePool : measuredAcquire(sequelizePool, use, metrics);
  // Statements that are sent together are waited for together.
  const pool = wrappedPool(measured, (connection) => ({
    query: async (query) => timed(timing, connection.query(query)),
    queryAll: async (queries) => timed(timing, connection.queryAll(queries)),
  }));
  return { sequelize, sequelizePool, pool };
}

async function timed<Answer>(timing: StepTiming, answer: Promise<Answer>): Promise<Answer> {
  const beganMs = performance.now();
  return answer.finally(() => timing.addDatabaseTime(performance.now() - beganMs));
}
