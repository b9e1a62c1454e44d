import pg from 'pg';
import type { Connection, ConnectionPool } from './connection-pool.ts';
import { HeardClient } from './heard-client.ts';

export interface PgConnectionPoolOptions {
  /** `postgres://…` of the primary. */
  readonly databaseUrl: string;
  readonly connectionsMax: number;
  readonly applicationName?: string;
  /** Longest wait for a connection. */
  readonly acquireMs?: number;
}

/** A pool of the `pg` package. */
export class PgConnectionPool implements ConnectionPool, AsyncDisposable {
  readonly #pool: pg.Pool;
  readonly #lent = new Map<Connection, pg.PoolClient>();

  constructor(options: PgConnectionPoolOptions) {
    this.#pool = new pg.Pool({
      Client: HeardClient,
      connectionString: options.databaseUrl,
      max: options.connectionsMax,
      application_name: options.applicationName ?? 'throughline',
      connectionTimeoutMillis: options.acquireMs ?? 2_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    });
    // An idle connection that breaks leaves the pool; whoever needs one next opens another.
    this.#pool.on('error', () => undefined);
  }

  async acquire(): Promise<Connection> {
    const client = await this.#pool.connect();
    if (!(client instanceof HeardClient)) throw new TypeError('The pool lent a client of others.');
    this.#lent.set(client, client);
    return client;
  }

  async release(connection: Connection, state: 'intact' | 'broken'): Promise<void> {
    const client = this.#lent.get(connection);
    this.#lent.delete(connection);
    client?.release(state === 'broken');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.end();
  }
}
