import type { CacheStatus } from '@throughline/api';
import {
  type CacheAdmin,
  KeyExpiry,
  migrate,
  openSequelize,
  ProductRepository,
  type ProductService,
  SequelizePool,
  ViewCounter,
} from '@throughline/product-repository';
import type { Logger } from '@throughline/telemetry';
import type { Instrument } from '@throughline/write-through';
import {
  type ConnectionPool,
  interceptedPool,
  isBehindPooler,
  PgConnectionPool,
  unprepared,
  withConnection,
} from '@throughline/write-through/postgres';
import { composeInstruments } from './compose-instruments.ts';
import type { Config } from './config.ts';
import { HitRatio } from './hit-ratio.ts';
import { loggedCacheAdmin } from './log-cache-admin.ts';
import { logViolation } from './log-violation.ts';
import { openCache } from './open-cache.ts';
import type { StepTiming } from './request-timing.ts';
import { waitForPostgres } from './wait-for-postgres.ts';
import { WarmUp } from './warm-up.ts';

/** What the catalogue needs of the process that opens it. */
export interface CatalogueOptions {
  readonly config: Config;
  readonly logger: Logger;
  /** Runs around every operation of the repository. */
  readonly instrument: Instrument;
  /** Told how long each step took that a request waited for, in milliseconds. */
  readonly timing: StepTiming;
  /** Aborted when the process should stop: opening gives up then, and rejects with its reason. */
  readonly signal: AbortSignal;
}

/** The product catalogue with its stores. Disposing of it closes them, with no accepted write lost. */
export interface Catalogue extends AsyncDisposable {
  readonly products: ProductService;
  readonly admin: CacheAdmin;
  status(): CacheStatus;
  /** Resolves when the warm-up has ended or run out of time. */
  readonly ready: Promise<void>;
  /** Resolves if PostgreSQL answers, rejects if not. */
  ping(): Promise<void>;
}

export type OpenCatalogue = (options: CatalogueOptions) => Promise<Catalogue>;

/** So many questions about epochs and transactions run at once, whatever the writes are doing. */
const controlConnectionsMax = 2;

/**
 * Opens the repository on the stores that the configuration names. Waits for PostgreSQL, migrates it, and
 * warms the cache in the background; a Redis that is away is only logged.
 */
export const openCatalogue: OpenCatalogue = async (options) => {
  const { config, logger, signal } = options;
  const { databaseUrl, cache: settings } = config;
  await using opening = new AsyncDisposableStack();

  // Writers that queue for one hot product must not keep every reader from PostgreSQL.
  const { pool: reads } = openPool({ ...options, opening, use: 'reads' });
  const { pool: writes, sequelize } = openPool({ ...options, opening, use: 'writes' });
  const control = opening.use(
    new PgConnectionPool({
      databaseUrl,
      connectionsMax: controlConnectionsMax,
      applicationName: 'throughline control',
    }),
  );
  await waitForPostgres({ control, logger, signal });
  const fit = await poolFitter(options);
  await migrate(sequelize, { log: (message) => logger.info(message) });

  const cache = openCache({ ...options, opening, writes: fit(writes), control: fit(control) });
  await cache.start();

  const views = opening.use(
    new ViewCounter({
      addViews: async (counts) => ProductRepository.addViews(fit(writes), counts),
      onFailure: (err) => logger.warn({ err }, 'view counts could not be saved; kept for later'),
    }),
  );
  opening.use(
    new KeyExpiry({
      deleteExpired: async (countMax) => ProductRepository.deleteExpiredKeys(fit(writes), countMax),
      onFailure: (err) => logger.warn({ err }, 'expired idempotency keys could not be deleted'),
    }),
  );
  const hits = new HitRatio();
  const products = new ProductRepository({
    cache,
    pool: fit(reads),
    lives: {
      productMs: settings.ttlProductMs,
      priceMs: settings.ttlPriceMs,
      listMs: settings.ttlListMs,
    },
    views,
    instrument: composeInstruments(options.instrument, hits.instrument),
  });
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
    status: () => {
      const { pendingEntries = null, ...state } = cache.state;
      const [hitRatio, audit, outbox] = [hits.ratio, auditor.state, drain.state ?? null];
      return { ...state, pendingEntries, hitRatio, outbox, audit, warmUp: warmUp.progress };
    },
    ready,
    ping: async () => {
      await withConnection(control, async (db) => db.query({ text: 'SELECT 1' }));
    },
    [Symbol.asyncDispose]: async () => opened.disposeAsync(),
  };
};

/** What makes of a pool one that works with whatever stands before PostgreSQL. */
async function poolFitter({ config, logger }: Pick<CatalogueOptions, 'config' | 'logger'>) {
  if (!(await isBehindPooler(config.databaseUrl))) return (pool: ConnectionPool) => pool;
  logger.info('PostgreSQL is behind a pooler: statements are not prepared');
  return unprepared;
}

interface PoolOptions extends Pick<CatalogueOptions, 'config' | 'timing'> {
  readonly opening: AsyncDisposableStack;
  /** Shown in `pg_stat_activity`. */
  readonly use: string;
}

function openPool({ config, timing, opening, use }: PoolOptions) {
  const sequelize = openSequelize({
    databaseUrl: config.databaseUrl,
    poolMax: config.databasePoolMax,
    applicationName: `throughline ${use}`,
  });
  opening.defer(async () => sequelize.close());
  const pool = interceptedPool(new SequelizePool(sequelize), async (_, send) => {
    const beganMs = performance.now();
    return send().finally(() => timing.addDatabaseTime(performance.now() - beganMs));
  });
  return { sequelize, pool };
}
