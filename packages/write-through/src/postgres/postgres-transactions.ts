import type { EpochRow } from '../epoch.ts';
import { DatabaseUnavailableError } from '../errors.ts';
import type {
  CommitOutcome,
  Transaction,
  Transactions,
  TransactionStatus,
} from '../transactions.ts';
import { type Begun, beginStatements, readBegun } from './begin-statements.ts';
import {
  acquire,
  answerOf,
  bounded,
  type Connection,
  type ConnectionPool,
  type Query,
  type QueryResult,
  unavailable,
  withConnection,
} from './connection-pool.ts';
import { incarnationSql } from './epoch-table.ts';
import { isOutage, isServerRefusal } from './outage.ts';
import { defaultTransactionLimits, type TransactionLimits } from './transaction-limits.ts';

export interface PostgresTransactionsOptions {
  /** Connections for write transactions. */
  readonly writes: ConnectionPool;
  /** Connections for short questions, so that these never wait behind writes. */
  readonly control: ConnectionPool;
  /** Names the epoch row: the caches of one database that share entries share it. */
  readonly name: string;
  readonly limits?: Partial<TransactionLimits>;
  /**
   * Whether a pooler lends another session for each transaction. If not, the limits are set once a connection; they then
   * bind whatever else is sent over it, too.
   */
  readonly isPooled?: boolean;
}

/**
 * Longest wait for the answer to COMMIT, which may wait for a standby. After it the transaction's status is
 * asked; the COMMIT itself goes on.
 */
const commitAnswerMs = 30_000;

/** Write transactions of PostgreSQL 15 or newer over borrowed connections. */
export class PostgresTransactions implements Transactions<Connection> {
  readonly #options: PostgresTransactionsOptions;
  readonly #begin: readonly Query[];
  readonly #totalMs: number;

  constructor(options: PostgresTransactionsOptions) {
    this.#options = options;
    const limits = { ...defaultTransactionLimits, ...options.limits };
    this.#totalMs = limits.totalMs;
    const scope = options.isPooled === true ? 'transaction' : 'session';
    this.#begin = beginStatements(options.name, limits, scope);
  }

  async begin(open?: (first: Connection) => void): Promise<Transaction<Connection>> {
    const { writes } = this.#options;
    const connection = await acquire(writes);
    const endMs = performance.now() + this.#totalMs;
    const first: WaitingStatement[] = [];
    try {
      let isSent = false;
      open?.(
        collecting(async (query) => {
          if (isSent) throw new Error('BEGIN was sent: nothing can travel with it any more.');
          return waiting(first, query);
        }),
      );
      isSent = true;
      const queries = [...this.#begin, ...first.map(({ query }) => query)];
      const answers = await bounded(connection).queryAll(queries);
      const begun = readBegun(answers.slice(0, this.#begin.length));
      deliver(first, answers.slice(this.#begin.length));
      return new PostgresTransaction(this.#options, connection, { ...begun, endMs });
    } catch (err) {
      for (const { answer } of first) answer.reject(err);
      await writes.release(connection, 'broken');
      throw isOutage(err) ? unavailable(err) : err;
    }
  }

  async statuses(xids: readonly bigint[]): Promise<TransactionStatus[]> {
    try {
      return await withConnection(this.#options.control, async (db) => {
        const { rows } = await db.query({
          name: 'write-through-statuses',
          text: `SELECT pg_xact_status(xid::xid8) AS status
                 FROM unnest($1::text[]) WITH ORDINALITY AS asked(xid, place) ORDER BY place`,
          values: [xids.map(String)],
        });
        return rows.map(({ status }) => transactionStatus(status));
      });
    } catch (err) {
      if (isFutureTransaction(err)) return xids.map(() => 'future');
      throw err;
    }
  }
}

/** A statement that waits for those with which it travels. */
interface WaitingStatement {
  readonly query: Query;
  readonly answer: PromiseWithResolvers<QueryResult>;
}

async function waiting(statements: WaitingStatement[], query: Query): Promise<QueryResult> {
  const answer = Promise.withResolvers<QueryResult>();
  statements.push({ query, answer });
  return orUnavailable(answer.promise);
}

function deliver(
  statements: readonly WaitingStatement[],
  answers: readonly PromiseSettledResult<QueryResult>[],
): void {
  for (const [index, { answer }] of statements.entries()) answer.resolve(settledAs(answers[index]));
}

/** A connection that sends nothing itself. */
function collecting(query: Connection['query']): Connection {
  return {
    query,
    queryAll: async (queries) => Promise.allSettled(queries.map(async (one) => query(one))),
  };
}

class PostgresTransaction implements Transaction<Connection> {
  readonly db: Connection;
  readonly last: Connection;
  readonly xid: bigint;
  readonly epochRow: EpochRow;
  readonly #incarnation: string;
  readonly #pools: Pick<PostgresTransactionsOptions, 'writes' | 'control'>;
  /** As the pool lent it. */
  readonly #lent: Connection;
  readonly #connection: Connection;
  /** Nothing that counts is sent after it; from before BEGIN was sent, so earlier than PostgreSQL would end it. */
  readonly #endMs: number;
  #lastStatements: WaitingStatement[] = [];
  #hasEnded = false;

  constructor(
    pools: Pick<PostgresTransactionsOptions, 'writes' | 'control'>,
    connection: Connection,
    { xid, epochRow, incarnation, endMs }: Begun & { readonly endMs: number },
  ) {
    this.#pools = pools;
    this.#connection = bounded(connection);
    this.#lent = connection;
    this.xid = xid;
    this.epochRow = epochRow;
    this.#incarnation = incarnation;
    this.#endMs = endMs;
    this.db = {
      query: async (query) => {
        if (this.#isOverdue) throw overdue();
        return orUnavailable(this.#connection.query(query));
      },
      queryAll: async (queries) => {
        if (this.#isOverdue) throw overdue();
        const answers = await orUnavailable(this.#connection.queryAll(queries));
        return Promise.allSettled(answers.map(async (answer) => orUnavailable(settledAs(answer))));
      },
    };
    this.last = collecting(async (query) => this.#withCommit(query));
  }

  /** The COMMIT of a transaction in which a statement failed raises nothing: its tag says ROLLBACK. */
  async commit(): Promise<CommitOutcome> {
    if (this.#isOverdue) {
      await this.rollback(overdue());
      return 'rolled back';
    }
    try {
      const { command } = answerOf(await this.#sendLast());
      await this.#release('intact');
      return command === 'COMMIT' ? 'committed' : 'rolled back';
    } catch (err) {
      await this.#release('broken');
      return isServerRefusal(err) ? 'rolled back' : 'unknown';
    }
  }

  async #withCommit(query: Query): Promise<QueryResult> {
    if (this.#hasEnded) throw new Error('The transaction has ended.');
    return waiting(this.#lastStatements, query);
  }

  /** How COMMIT ended; who waits for the statements before it is told too. */
  async #sendLast(): Promise<PromiseSettledResult<QueryResult> | undefined> {
    const statements = this.#takeLast();
    const commit = { text: 'COMMIT', query_timeout: commitAnswerMs };
    try {
      const queries = [...statements.map(({ query }) => query), commit];
      const answers = await this.#connection.queryAll(queries);
      deliver(statements, answers);
      return answers[statements.length];
    } catch (err) {
      for (const { answer } of statements) answer.reject(err);
      throw err;
    }
  }

  #takeLast(): WaitingStatement[] {
    this.#hasEnded = true;
    return this.#lastStatements.splice(0);
  }

  async status(): Promise<'in progress' | 'committed' | 'aborted' | 'lost'> {
    return withConnection(this.#pools.control, async (db) => {
      const { rows } = await db.query({
        text: `SELECT ${incarnationSql} = $2 AS is_same_run,
                      CASE WHEN ${incarnationSql} = $2 THEN pg_xact_status($1::xid8) END AS status`,
        values: [String(this.xid), this.#incarnation],
      });
      const [row] = rows;
      if (row?.['is_same_run'] !== true) return 'lost';
      // NULL is told of transactions too old to be remembered, which this one is not.
      return row['status'] === null ? 'lost' : transactionStatus(row['status']);
    });
  }

  async ask<Answer>(question: (db: Connection) => Promise<Answer>): Promise<Answer> {
    return withConnection(this.#pools.control, question);
  }

  async rollback(why: Error = new Error('The transaction was rolled back.')): Promise<void> {
    for (const { answer } of this.#takeLast()) answer.reject(why);
    try {
      await this.#connection.query({ text: 'ROLLBACK' });
      await this.#release('intact');
    } catch {
      await this.#release('broken');
    }
  }

  get #isOverdue(): boolean {
    return performance.now() >= this.#endMs;
  }

  async #release(state: 'intact' | 'broken'): Promise<void> {
    await this.#pools.writes.release(this.#lent, state);
  }
}

async function orUnavailable<Answer>(answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (err) {
    throw isOutage(err) ? unavailable(err) : err;
  }
}

async function settledAs<Answer>(
  answer: PromiseSettledResult<Answer> | undefined,
): Promise<Answer> {
  return answerOf(answer);
}

function overdue(): DatabaseUnavailableError {
  return new DatabaseUnavailableError('The write transaction took too long; nothing was written.');
}

/** NULL is told of transactions too old to be remembered; they ended long ago. */
function transactionStatus(status: unknown): Exclude<TransactionStatus, 'future'> {
  return status === 'in progress' || status === 'aborted' ? status : 'committed';
}

/** invalid_parameter_value: of all that the question can be asked with, only an id may be wrong. */
function isFutureTransaction(err: unknown): boolean {
  const cause = err instanceof DatabaseUnavailableError ? err.cause : err;
  return cause instanceof Error && 'code' in cause && cause.code === '22023';
}
