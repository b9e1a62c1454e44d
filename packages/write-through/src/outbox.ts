import type { Epoch } from './epoch.ts';

/**
 * What triggers leave in the database, in the very transaction that changes records past the cache: a row for
 * each entry concerned. Methods throw `DatabaseUnavailableError` when PostgreSQL is away.
 *
 * Caches of several names may share it. Rows of one namespace belong to whoever has sources of that namespace, so
 * no two caches of a database may have the same; those that concern everything belong to all caches.
 *
 * @typeParam Db what statements of a transaction are sent through
 */
export interface Outbox<Db> {
  /** What waits now of these namespaces, counted at a cost that does not grow with it. */
  backlog(namespaces: readonly string[]): Promise<OutboxBacklog>;

  /**
   * Those of the keys that a waiting row concerns at a moment after the call; all of them if one concerns
   * everything, or if the epoch is over.
   */
  waiting(epoch: Epoch, keys: readonly string[]): Promise<ReadonlySet<string>>;

  /**
   * Locks rows that nobody else has locked, until the transaction ends: the oldest that are of these namespaces or
   * concern everything, at most so many.
   */
  take(db: Db, namespaces: readonly string[], countMax: number): Promise<OutboxRow[]>;

  /** Deletes these rows with the transaction. */
  remove(db: Db, rows: readonly OutboxRow[]): Promise<void>;

  /** Ends with the transaction the active epochs of all caches in the database. */
  endEpochs(db: Db): Promise<void>;
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
