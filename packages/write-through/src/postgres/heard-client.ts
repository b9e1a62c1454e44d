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
 *
 * A standby is refused: its rows are old.
 */
export class HeardClient extends pg.Client implements Connection {
  constructor(config?: string | pg.ClientConfig) {
    const options = typeof config === 'string' ? { connectionString: config } : config;
    super({ ...options, pipeline: true });
    this.on('error', () => undefined);
    this.connection.on('parameterStatus', (told: ParameterStatus) => this.#refuseStandby(told));
  }

  /** In one write, so that PostgreSQL is woken once. */
  async queryAll(queries: readonly Query[]): Promise<PromiseSettledResult<QueryResult>[]> {
    const { stream } = this.connection;
    stream.cork();
    const answers = queries.map(async (query) => this.query(query));
    stream.uncork();
    return Promise.allSettled(answers);
  }

  /**
   * What a standby holds is older than what was committed, so it is as good as no server. A server tells at once whether
   * it is one, and no session lives through its server becoming one.
   */
  #refuseStandby({ parameterName, parameterValue }: ParameterStatus): void {
    if (parameterName !== 'in_hot_standby' || parameterValue !== 'on') return;
    // The same packet says that it is ready.
    this.connection.removeAllListeners('readyForQuery');
    this.connection.stream.destroy(new StandbyError());
  }
}

/** As `pg-protocol` reads it. */
interface ParameterStatus {
  readonly parameterName: string;
  readonly parameterValue: string;
}

class StandbyError extends Error {
  override readonly name = 'StandbyError';
  /** `cannot_connect_now`, as a server says it that is not to be asked. */
  readonly code = '57P03';

  constructor() {
    super(
      'This PostgreSQL is a standby, whose rows are old; its URL (DATABASE_URL) has to lead to the primary.',
    );
  }
}
