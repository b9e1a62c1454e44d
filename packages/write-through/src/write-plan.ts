import type { FinalEntry, Life } from './entry.ts';
import type { Epoch } from './epoch.ts';

/**
 * One write, told in two steps, because its keys must be known before its SQL.
 *
 * Called at the start of a transaction: reads, without locking, what decides which entries the write may
 * touch. May be called again, in a new transaction, when that had changed meanwhile; may throw to refuse.
 * Locks that it does take are held while the store is asked, so only repetitions of the same write may wait
 * for them.
 *
 * `epoch` is that of the entries; undefined in bypass, where none is used.
 *
 * @typeParam Db what statements of the transaction are sent through
 */
export interface WritePlan<Db, Value> {
  (db: Db, epoch?: Epoch): Promise<PlannedWrite<Db, Value>>;
  /**
   * The same plan, whose first statements are sent through `first` at once, so that they travel with BEGIN. It is called
   * in their stead if their transaction goes on, and never if not.
   */
  readonly open?: (first: Db) => WritePlan<Db, Value>;
}

export interface PlannedWrite<Db, Value> {
  /** Every entry that the write may change: records, and lists whose members or order it may change. */
  readonly entries: readonly EntryRef[];
  /**
   * Sends the SQL, with all that was read beforehand as its condition. `outdated`: that condition failed, so
   * the write starts again. May throw to refuse; then nothing is committed. What is sent through `last` travels with
   * COMMIT, in one round trip: then it returns at once, with what will come of that.
   */
  apply(last: Db): Promise<AppliedWrite<Value> | LastStep<Db, Value> | 'outdated'>;
}

/** The part of a write that travels with its COMMIT. */
export interface LastStep<Db, Value> {
  /**
   * Settles when the statements sent through `last` are answered. By then the transaction may be committed, so what it
   * refuses must have changed nothing.
   */
  readonly ending: Promise<AppliedWrite<Value> | RefusedWrite>;
  /**
   * The same of a transaction that is known to be committed, when the answers to its statements were lost with the
   * connection; undefined if they cannot be found out any more.
   */
  recall(db: Db, xid: bigint): Promise<AppliedWrite<Value> | undefined>;
}

/** A write that changed nothing, and why. */
export interface RefusedWrite {
  readonly refusal: Error;
}

export interface AppliedWrite<Value> {
  readonly value: Value;
  /**
   * What the named entries hold after COMMIT. A list is left out, and becomes absent. A record is left out only if the write
   * did not change it: an older version that another write published would remain.
   */
  readonly changes: readonly EntryChange[];
}

/** Names one entry. */
export interface EntryRef {
  readonly key: string;
}

export interface EntryChange extends EntryRef {
  /** Builds the entry with a life of about the span asked, or of the source's. */
  toFinal(life: (spanMs: number) => Life): FinalEntry;
}
