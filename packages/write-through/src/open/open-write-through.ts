import type { CachedRecords } from '../cached-records.ts';
import { defaultLimits } from '../limits.ts';
import { type Connection, type ConnectionPool, unavailable } from '../postgres/connection-pool.ts';
import { PgConnectionPool } from '../postgres/pg-connection-pool.ts';
import { isBehindPooler, unprepared } from '../postgres/pooler.ts';
import { PostgresEpochRegister } from '../postgres/postgres-epoch-register.ts';
import { PostgresOutbox } from '../postgres/postgres-outbox.ts';
import { PostgresTransactions } from '../postgres/postgres-transactions.ts';
import { RedisEntryStore } from '../redis/redis-entry-store.ts';
import type { RedisLocation } from '../redis/redis-place.ts';
import { WriteThroughCache, type WriteThroughCacheOptions } from '../write-through-cache.ts';
import { type SqlRecords, sqlSource } from './sql-source.ts';
import { createTables } from './tables.ts';

export interface OpenWriteThroughOptions extends Pick<
  WriteThroughCacheOptions<Connection>,
  'onFailure' | 'limits' | 'observer'
> {
  /** `postgres://…` of the primary, PostgreSQL 15 or newer; a pooler may stand before it. */
  readonly databaseUrl: string;
  /** `{ url: 'redis://…' }` of one Redis or of Sentinels, or the `clusterUrls` of a cluster: Redis 7 or newer. */
  readonly redis: RedisLocation;
  /**
   * Of the epoch in PostgreSQL, and prefix of every key in Redis: the same for all processes that share a cache, and
   * another than that of any other cache in the database.
   */
  readonly name: string;
  /**
   * Most connections for loads, and as many again for writes; 10 if not given. Three more look after the cache. One of
   * those for writes is left to the drain; if there is only one, the drain waits for its turn behind every write.
   */
  readonly connectionsMax?: number;
  /**
   * SQL that makes your tables where they are missing; run first, together with that of the engine. Left out, nothing is
   * made: run {@link tablesSql} with your migrations.
   */
  readonly createTables?: string;
}

/** A cache with its connections, which are closed with it. */
export interface OpenWriteThrough extends AsyncDisposable {
  readonly cache: WriteThroughCache<Connection>;
  /**
   * Without an `identity`, Redis is not used, and `problem` says why, for a person: it is away, refuses the password, or
   * may evict what must stay. Worth a line in a log whenever it changes.
   */
  readonly store: Pick<RedisEntryStore, 'identity' | 'problem' | 'onIdentityChange'>;
  /** For statements that have nothing to do with the cache, too. */
  readonly pool: ConnectionPool;
  /** The records of one table, to be read and written through the cache. Hold on to it. */
  readonly records: <Id extends string | number, Value>(
    records: SqlRecords<Id, Value>,
  ) => CachedRecords<Id, Value>;
}

/**
 * Opens a cache on one PostgreSQL and one Redis. Throws `DatabaseUnavailableError` if PostgreSQL is away; without Redis
 * it works, with reads and writes by PostgreSQL alone.
 */
export async function openWriteThrough(
  options: OpenWriteThroughOptions,
): Promise<OpenWriteThrough> {
  const { databaseUrl, redis, name, connectionsMax = 10, createTables: sql, ...rest } = options;
  await using opening = new AsyncDisposableStack();
  const isPooled = await isBehindPooler(databaseUrl).catch((err: unknown) => {
    throw unavailable(err);
  });
  const open = (use: string, max: number): ConnectionPool => {
    const applicationName = `${name} ${use}`;
    const pool = new PgConnectionPool({ databaseUrl, connectionsMax: max, applicationName });
    opening.use(pool);
    return isPooled ? unprepared(pool) : pool;
  };
  const [control, lease] = [open('control', controlConnectionsMax), open('lease', 1)];
  // Writers that queue for one row must not keep readers from PostgreSQL.
  const [pool, writes] = [open('reads', connectionsMax), open('writes', connectionsMax)];
  if (sql !== undefined) await createTables(control, sql);
  const store = opening.use(new RedisEntryStore({ ...redis, prefix: name }));
  const cache = opening.use(
    new WriteThroughCache<Connection>({
      ...rest,
      limits: { writesMax: writesMaxOf(connectionsMax), ...rest.limits },
      store,
      transactions: new PostgresTransactions({ writes, control, name, isPooled }),
      register: new PostgresEpochRegister({ lease, control, name }),
      outbox: new PostgresOutbox({ control, name }),
    }),
  );
  await cache.start();
  const opened = opening.move();
  return {
    cache,
    store,
    pool,
    records: (records) => cache.records(sqlSource(pool, records)),
    [Symbol.asyncDispose]: async () => opened.disposeAsync(),
  };
}

/** One connection is left to the drain, however many writers wait for locks. */
function writesMaxOf(connectionsMax: number): number {
  return Math.max(1, Math.min(defaultLimits.writesMax, connectionsMax - 1));
}

/** So many questions about epochs and transactions run at once, whatever the writes are doing. */
const controlConnectionsMax = 2;
