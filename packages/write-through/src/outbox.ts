import type { Epoch } from './epoch.ts';

/**
 * What triggers leave in the database, in the very transaction that changes records past the cache: a row for
 * each entry concerned. Methods throw `DatabaseUnavailableError` when PostgreSQL is away.
 *
 * @typeParam Db what statements of a transaction are sent through
 */
export interface Outbox<Db> {
  /** What waits now, counted at a cost that does not grow with it. */
  backlog(): Promise<OutboxBacklog>;

  /**
   * Those of the keys that a waiting row concerns at a moment after the call; all of them if one concerns
   * everything, or if the epoch is over.
   */
  waiting(epoch: Epoch, keys: readonly string[]): Promise<ReadonlySet<string>>;

  /** Locks rows that nobody else has locked, until the transaction ends: the oldest, at most so many. */
  take(db: Db, countMax: number): Promise<OutboxRow[]>;

  /** Deletes these rows with the transaction. */
  remove(db: Db, rows: readonly OutboxRow[]): Promise<void>;

  /** Ends the active epoch with the transaction, which holds the epoch's lock. */
  endEpoch(db: Db): Promise<void>;
}

export interface OutboxRow {
  readonly id: bigint;
  /** The entry's key; null where everything was changed. */
  readonly key: string | null;
}

export interface OutboxBacklog {
  /** Exact up to a thousand, estimated beyond. */
  readonly rows: number;
  /** Age of the oldest row; 0 without one. */
  readonly lagSeconds: number;
}
