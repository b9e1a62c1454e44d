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
   * before it ends, and then reads the epoch row. Rolls back and throws if that takes too long.
   */
  begin(): Promise<Transaction<Db>>;

  /** The status of each transaction, in that order, at one moment after the call. */
  statuses(xids: readonly bigint[]): Promise<TransactionStatus[]>;
}

export interface Transaction<Db> {
  readonly db: Db;
  /** PostgreSQL's 64-bit id of this very transaction. */
  readonly xid: bigint;
  readonly epochRow: EpochRow;
  /** Sent once, never cancelled; releases the connection. Does not throw. */
  commit(): Promise<CommitOutcome>;
  /**
   * What became of it after `unknown`, asked on another connection. `lost`: the database crashed meanwhile, so
   * its id may have been given to another transaction, and nobody can tell.
   */
  status(): Promise<'in progress' | 'committed' | 'aborted' | 'lost'>;
  /** Releases the connection. Does not throw: a broken connection rolls back too. */
  rollback(): Promise<void>;
}
