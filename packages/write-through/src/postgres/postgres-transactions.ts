import type { EpochRow } from '../epoch.ts';
import { DatabaseUnavailableError } from '../errors.ts';
import type {
  CommitOutcome,
  Transaction,
  Transactions,
  TransactionStatus,
} from '../transactions.ts';
import {
  acquire,
  bounded,
  type ConnectionPool,
  type Queryable,
  unavailable,
  withConnection,
} from './connection-pool.ts';
import { epochLockSql, epochRowOf, epochRowSql, incarnationSql } from './epoch-table.ts';
import { markWriterSql } from './outbox-table.ts';
import { isOutage, isServerRefusal } from './outage.ts';
import {
  defaultTransactionLimits,
  type TransactionLimits,
  transactionLimitsSql,
} from './transaction-limits.ts';

export interface PostgresTransactionsOptions {
  /** Connections for write transactions. */
  readonly writes: ConnectionPool;
  /** Connections for short questions, so that these never wait behind writes. */
  readonly control: ConnectionPool;
  /** Names the epoch row: the caches of one database that share entries share it. */
  readonly name: string;
  readonly limits?: Partial<TransactionLimits>;
}

/**
 * Longest wait for the answer to COMMIT, which may wait for a standby. After it the transaction's status is
 * asked; the COMMIT itself goes on.
 */
const commitAnswerMs = 30_000;

/** Write transactions of PostgreSQL 15 or newer over borrowed connections. */
export class PostgresTransactions implements Transactions<Queryable> {
  readonly #options: PostgresTransactionsOptions;
  readonly #beginSql: string;
  readonly #totalMs: number;

  constructor(options: PostgresTransactionsOptions) {
    this.#options = options;
    const limits = { ...defaultTransactionLimits, ...options.limits };
    this.#totalMs = limits.totalMs;
    this.#beginSql = beginSql(options.name, limits);
  }

  /** One round trip of separate statements: a lock and the row it guards, read by one, may give the row of before. */
  async begin(): Promise<Transaction<Queryable>> {
    const { writes } = this.#options;
    const connection = await acquire(writes);
    const endMs = performance.now() + this.#totalMs;
    try {
      const results: unknown = await bounded(connection).query({ text: this.#beginSql });
      return new PostgresTransaction(this.#options, connection, { ...readBegin(results), endMs });
    } catch (err) {
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

class PostgresTransaction implements Transaction<Queryable> {
  readonly db: Queryable;
  readonly xid: bigint;
  readonly epochRow: EpochRow;
  readonly #incarnation: string;
  readonly #pools: Pick<PostgresTransactionsOptions, 'writes' | 'control'>;
  /** As the pool lent it. */
  readonly #lent: Queryable;
  readonly #connection: Queryable;
  /** Nothing that counts is sent after it; from before BEGIN was sent, so earlier than PostgreSQL would end it. */
  readonly #endMs: number;

  constructor(
    pools: Pick<PostgresTransactionsOptions, 'writes' | 'control'>,
    connection: Queryable,
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
        try {
          return await this.#connection.query(query);
        } catch (err) {
          throw isOutage(err) ? unavailable(err) : err;
        }
      },
    };
  }

  /** The COMMIT of a transaction in which a statement failed raises nothing: its tag says ROLLBACK. */
  async commit(): Promise<CommitOutcome> {
    if (this.#isOverdue) {
      await this.rollback();
      return 'rolled back';
    }
    try {
      const { command } = await this.#connection.query({
        text: 'COMMIT',
        query_timeout: commitAnswerMs,
      });
      await this.#release('intact');
      return command === 'COMMIT' ? 'committed' : 'rolled back';
    } catch (err) {
      await this.#release('broken');
      return isServerRefusal(err) ? 'rolled back' : 'unknown';
    }
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

  async rollback(): Promise<void> {
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

function beginSql(name: string, limits: TransactionLimits): string {
  return [
    'BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE',
    transactionLimitsSql(limits),
    markWriterSql(name),
    epochLockSql(name, 'shared'),
    epochRowSql(name),
    `SELECT pg_current_xact_id()::text AS xid, ${incarnationSql} AS incarnation`,
  ].join('; ');
}

function overdue(): DatabaseUnavailableError {
  return new DatabaseUnavailableError('The write transaction took too long; nothing was written.');
}

interface Begun {
  readonly xid: bigint;
  readonly epochRow: EpochRow;
  readonly incarnation: string;
}

/** `pg` answers several statements with an array of their results. */
function readBegin(results: unknown): Begun {
  if (!Array.isArray(results)) {
    throw new TypeError('PostgreSQL did not run BEGIN as several statements.');
  }
  const rows = results.map((result: { rows: Record<string, unknown>[] }) => result.rows[0]);
  const { xid, incarnation } = rows.at(-1) ?? {};
  if (typeof xid !== 'string' || typeof incarnation !== 'string') {
    throw new TypeError('PostgreSQL did not tell its transaction id.');
  }
  return { xid: BigInt(xid), epochRow: epochRowOf(rows.at(-2)), incarnation };
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
