import { HeardClient } from '@throughline/write-through/postgres';
import { Socket } from 'node:net';
import pg from 'pg';
import { Sequelize, type Options } from 'sequelize';

/** Limits of one pool, each with its reason. */
export const poolLimits = {
  /** A request waits this long for a free connection; longer, and its client has given up or retried. */
  acquireTimeoutMs: 2_000,
  /** A connection that is not open by then will not be: a healthy server takes a few milliseconds. */
  connectTimeoutMs: 2_000,
  /** Keeps connections through the pauses of bursty traffic, yet gives them back at night. */
  idleTimeoutMs: 60_000,
  /** How often idle connections are looked for; a tenth of their life is exact enough. */
  evictIntervalMs: 6_000,
  /** For a statement of a read: as long as for one of a write, and less than its client waits for the answer. */
  statementMs: 5_000,
  /** After so long without a word the other host is asked whether it is there; the system's own is two hours. */
  keepAliveMs: 10_000,
} as const;

export interface DatabaseOptions {
  /** `postgres://user:password@host:port/database`, with `sslmode` and the like as libpq has them. */
  readonly databaseUrl: string;
  /** The most connections this pool opens; the sum over all processes must stay below `max_connections`. */
  readonly poolMax: number;
  /** Shown in `pg_stat_activity`, so that an operator sees which pool holds a lock. */
  readonly applicationName?: string;
  readonly acquireTimeoutMs?: number;
  /**
   * After so long PostgreSQL itself ends a statement, also one whose client has given up waiting. Undefined where a pooler
   * stands before PostgreSQL, which may refuse it.
   */
  readonly statementMs?: number | undefined;
}

/**
 * A pool of connections; none is opened before it is needed. A connection that is not free in time, or a
 * server that cannot be reached, rejects with an error that `isDatabaseUnavailable` recognises.
 *
 * Unless `statementMs` is given, nothing is set here, neither by startup parameters nor by SET: PgBouncer in transaction mode
 * refuses the former and mixes up the latter. Write transactions bring limits of their own.
 */
export function openSequelize(options: DatabaseOptions): Sequelize {
  return new Sequelize(options.databaseUrl, sequelizeOptions(options));
}

/** Options that Sequelize 6 reads and its types forget. */
interface ForgottenOptions {
  readonly databaseVersion: string;
  readonly keepDefaultTimezone: boolean;
}

function sequelizeOptions(options: DatabaseOptions): Options & ForgottenOptions {
  return {
    dialect: 'postgres',
    // Sequelize listens for errors of a connection only once it has it in hand.
    dialectModule: { ...pg, Client: HeardClient },
    // SQL holds what users typed; it has no place in a log.
    logging: false,
    // Spares a connection that would only ask for the version; the service checks it at start.
    databaseVersion: '15.0.0',
    // Statements format their times in UTC themselves, whatever the session's time zone.
    keepDefaultTimezone: true,
    dialectOptions: {
      application_name: options.applicationName ?? 'throughline',
      // Finds out about a host that vanished without closing its connections. Sequelize keeps the delay from pg.
      stream: () => new Socket().setKeepAlive(true, poolLimits.keepAliveMs),
      connectionTimeoutMillis: poolLimits.connectTimeoutMs,
      clientMinMessages: 'ignore',
      ...(options.statementMs !== undefined && { statement_timeout: options.statementMs }),
    },
    pool: {
      max: options.poolMax,
      min: 0,
      acquire: options.acquireTimeoutMs ?? poolLimits.acquireTimeoutMs,
      idle: poolLimits.idleTimeoutMs,
      evict: poolLimits.evictIntervalMs,
    },
  };
}
