import { DatabaseUnavailableError } from '../errors.ts';
import { isOutage } from './outage.ts';

/** What statements are sent through: the part of `pg`'s client that the engine and its callers need. */
export interface Queryable {
  query(config: Query): Promise<QueryResult>;
}

/** A connection as a pool lends it. */
export interface Connection extends Queryable {
  /**
   * Sends them all before the first is answered: one round trip for separate statements, each with a snapshot of
   * its own. How each ended, in that order; one that fails does not keep those behind it from being run, which
   * fail too if they are in its transaction. Throws only if none was sent.
   */
  queryAll(queries: readonly Query[]): Promise<PromiseSettledResult<QueryResult>[]>;
}

export interface Query {
  readonly text: string;
  readonly values?: unknown[];
  /** Prepares the statement under this name, once a connection. */
  readonly name?: string;
  /**
   * Longest wait for the answer, in milliseconds, kept by the client: a connection that was lost in silence
   * tells nobody. After it the connection is of no use. The name is that of `pg`.
   */
  readonly query_timeout?: number;
}

/** Longest wait for the answer to a statement that waits for no lock. */
export const answerMs = 6_000;

export interface QueryResult {
  // Rows come as `pg` gives them; who sent the statement knows their shape and checks it.
  readonly rows: Record<string, unknown>[];
  readonly rowCount: number | null;
  /** The command tag's first word, such as COMMIT or ROLLBACK. */
  readonly command: string;
}

/** Lends connections to PostgreSQL's primary, one at a time to each borrower. */
export interface ConnectionPool {
  /** Throws when none becomes free or none can be opened in time. */
  acquire(): Promise<Connection>;
  /** `broken` connections are closed rather than lent again. */
  release(connection: Connection, state: 'intact' | 'broken'): Promise<void>;
}

/**
 * Borrows a connection for one piece of work. An outage, or an answer that does not come in time, is thrown as
 * `DatabaseUnavailableError`.
 */
export async function withConnection<Result>(
  pool: ConnectionPool,
  work: (db: Connection) => Promise<Result>,
): Promise<Result> {
  const connection = await acquire(pool);
  let state: 'intact' | 'broken' = 'intact';
  try {
    return await work(bounded(connection));
  } catch (err) {
    if (!isOutage(err)) throw err;
    state = 'broken';
    throw unavailable(err);
  } finally {
    await pool.release(connection, state);
  }
}

/**
 * The same connection, with a limit for the answers to statements that bring none of their own. Of several sent at
 * once, the last of these has it for all before it, since they are answered in order.
 */
export function bounded(connection: Connection): Connection {
  return {
    query: async (query) => connection.query({ query_timeout: answerMs, ...query }),
    queryAll: async (queries) => {
      const last = queries.findLastIndex(({ query_timeout }) => query_timeout === undefined);
      return connection.queryAll(
        queries.map((query, index) =>
          index === last ? { query_timeout: answerMs, ...query } : query,
        ),
      );
    },
  };
}

export async function acquire(pool: ConnectionPool): Promise<Connection> {
  try {
    return await pool.acquire();
  } catch (err) {
    throw unavailable(err);
  }
}

/** One of the answers of `queryAll`, as if it had been asked for alone. */
export function answerOf<Answer>(settled: PromiseSettledResult<Answer> | undefined): Answer {
  if (settled?.status === 'fulfilled') return settled.value;
  throw settled?.reason ?? new Error('A statement was not answered.');
}

export function unavailable(cause: unknown): DatabaseUnavailableError {
  return new DatabaseUnavailableError('PostgreSQL cannot be reached or does not answer in time.', {
    cause,
  });
}
