import type { EpochRow } from './epoch.ts';

/** What PostgreSQL says of a transaction; `future` means that this database has not come so far. */
export type TransactionStatus = 'in progress' | 'committed' | 'aborted' | 'future';

/** `unknown`: the connection broke after COMMIT was sent. */
export type CommitOutcome = 'committed' | 'rolled back' | 'unknown';

/**
 * The database's side of writes. Errors that mean an outage are thrown as `DatabaseUnavailableError`.
 *
 * @typeParam Db what statements of the transaction are sent through
 */
export interface Transactions<Db> {
  /**
   * Begins a READ COMMITTED transaction that holds the epoch's lock shared, so that no new epoch begins
   * before it ends, and then reads the epoch row. Rolls back and throws if that takes too long. What `open` sends at
   * once travels with that, behind it, in one round trip; whether it failed is told to whoever waits for its answer.
   */
  begin(open?: (first: Db) => void): Promise<Transaction<Db>>;

  /** The status of each transaction, in that order, at one moment after the call. */
  statuses(xids: readonly bigint[]): Promise<TransactionStatus[]>;
}

export interface Transaction<Db> {
  readonly db: Db;
  /**
   * What is sent through this waits for `commit` and travels right before it, in one round trip. A statement that
   * fails makes the COMMIT a rollback. None is sent after a rollback: they reject then.
   */
  readonly last: Db;
  /** PostgreSQL's 64-bit id of this very transaction. */
  readonly xid: bigint;
  readonly epochRow: EpochRow;
  /** Sent once, with what was sent through `last`, and never cancelled; releases the connection. Does not throw. */
  commit(): Promise<CommitOutcome>;
  /**
   * What became of it after `unknown`, asked on another connection. `lost`: the database crashed meanwhile, so
   * its id may have been given to another transaction, and nobody can tell.
   */
  status(): Promise<'in progress' | 'committed' | 'aborted' | 'lost'>;
  /** Asks something of what is committed, on another connection. */
  ask<Answer>(question: (db: Db) => Promise<Answer>): Promise<Answer>;
  /** Releases the connection. Does not throw: a broken connection rolls back too. */
  rollback(): Promise<void>;
}
