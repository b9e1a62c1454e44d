import pg from 'pg';
import type { Connection, Query, QueryResult } from './connection-pool.ts';

/**
 * A client of `pg` whose errors have a listener from its first moment on; without one, the process dies of them.
 * A server that ends a connection while it is being made can say so in the same packet as that it is ready: before
 * whoever asked for the connection has it in hand. The statement under way, or the next one, rejects with the
 * same error.
 *
 * It sends statements without waiting for the answers to those before, whoever makes it: Sequelize would not hand on
 * the option that says so.
 */
export class HeardClient extends pg.Client implements Connection {
  constructor(config?: string | pg.ClientConfig) {
    const options = typeof config === 'string' ? { connectionString: config } : config;
    super({ ...options, pipeline: true });
    this.on('error', () => undefined);
  }

  /** In one write, so that PostgreSQL is woken once. */
  async queryAll(queries: readonly Query[]): Promise<PromiseSettledResult<QueryResult>[]> {
    const { stream } = this.connection;
    stream.cork();
    const answers = queries.map(async (query) => this.query(query));
    stream.uncork();
    return Promise.allSettled(answers);
  }
}
