import { type Ambient, systemAmbient } from './ambient.ts';
import { CachedRecords } from './cached-records.ts';
import type { EntryStore } from './entry-store.ts';
import { EpochKeeper } from './epoch-keeper.ts';
import type { EpochRegister } from './epoch-register.ts';
import { defaultLimits, type Limits } from './limits.ts';
import type { ReaderParts } from './reader.ts';
import type { RecordSource } from './record-source.ts';
import type { Transactions } from './transactions.ts';
import type { EntryRef, WritePlan } from './write-plan.ts';
import { Writer, type WriteResult } from './writer.ts';

export interface WriteThroughCacheOptions<Db> {
  readonly store: EntryStore;
  readonly transactions: Transactions<Db>;
  readonly register: EpochRegister;
  readonly ambient?: Ambient;
  readonly limits?: Partial<Limits>;
}

/** What the cache is doing now. */
export interface CacheState {
  /** `active`: entries are used. `draining`: a new epoch is about to begin. */
  readonly mode: 'active' | 'draining';
  /** Number of the epoch that this process knows; 0 before the first. */
  readonly epoch: number;
  /** Whether the store that answers is the epoch's; without it, reads come from PostgreSQL. */
  readonly trusted: boolean;
  /** Writes of this process that have begun and not ended. */
  readonly pendingWrites: number;
}

/**
 * A write-through cache whose reads are linearizable: a read that begins after a write was acknowledged, or
 * after another read returned it, never returns an older version, and nothing uncommitted is ever returned,
 * even if processes are killed at any instruction and Redis loses or resurrects its data.
 *
 * Invariants, for each key and within one epoch:
 *
 * 1. A transaction that may commit a change of the record stands in the entry as an attempt, from before its
 *    SQL until PostgreSQL says how it ended. While an attempt stands there, nobody is answered from the entry.
 * 2. An entry becomes final in three ways only: the last attempt is published or abandoned (the highest
 *    version published remains); a reader that saw every attempt ended, and read the record after that,
 *    replaces exactly what it saw; a reader fills the very lease it took before it read the record.
 * 3. Every step names its epoch and is refused when the epoch's mark is not there. A new epoch begins under
 *    a lock that every writer holds shared, so no writer of an older one can still commit.
 *
 * Hence a final entry holds the latest committed version. Modes: with a trusted store, as above; without
 * one, reads come from PostgreSQL and writes are refused before they begin. The trade made: a write costs
 * two round trips to the store, and a key that is being written is read from PostgreSQL.
 *
 * @typeParam Db what statements of a transaction are sent through
 */
export class WriteThroughCache<Db> implements AsyncDisposable {
  readonly #epochs: EpochKeeper;
  readonly #writer: Writer<Db>;
  readonly #readerParts: ReaderParts;

  constructor(options: WriteThroughCacheOptions<Db>) {
    const { store, transactions, register, ambient = systemAmbient } = options;
    const limits = { ...defaultLimits, ...options.limits };
    const epochs = new EpochKeeper({ store, register, ambient, limits });
    const parts = { store, transactions, epochs, ambient, limits };
    this.#epochs = epochs;
    this.#readerParts = parts;
    this.#writer = new Writer(parts);
  }

  /** Returns when the store can be used, or after a while without it; the cache works with or without. */
  async start(): Promise<void> {
    await this.#epochs.start();
  }

  get state(): CacheState {
    const { row, current } = this.#epochs;
    return {
      mode: row?.state ?? 'draining',
      epoch: row === undefined ? 0 : row.state === 'active' ? row.epoch.number : row.number,
      trusted: current !== undefined,
      pendingWrites: this.#writer.inFlight,
    };
  }

  /** The records of one source, to be read and written through this cache. Hold on to it. */
  records<Id, Value>(source: RecordSource<Id, Value>): CachedRecords<Id, Value> {
    return new CachedRecords(source, this.#readerParts);
  }

  /**
   * Commits a write and publishes what it changed. Throws what the plan throws, `CacheUnavailableError` and
   * `DatabaseUnavailableError` if nothing was committed, `CommitOutcomeUnknownError` if nobody can tell.
   */
  async write<Value>(plan: WritePlan<Db, Value>): Promise<WriteResult<Value>> {
    return this.#writer.write(plan);
  }

  /** Like `write`, for a plan that deletes one record and says at which version. */
  async remove<Id, Value>(
    records: CachedRecords<Id, Value>,
    id: Id,
    plan: RemovalPlan<Db>,
  ): Promise<WriteResult<{ readonly version: number }>> {
    return this.#writer.write(async (db) => {
      const planned = await plan(db);
      return {
        entries: [records.entry(id), ...planned.alsoChanged],
        apply: async () => {
          const removed = await planned.apply();
          if (removed === 'outdated') return removed;
          return { value: removed, changes: [records.removedAt(id, removed.version)] };
        },
      };
    });
  }

  /** Ends the background work; the store and the pools are closed by those who opened them. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer[Symbol.asyncDispose]();
    await this.#epochs[Symbol.asyncDispose]();
  }
}

/** Like a `WritePlan`, for one record that is to be gone. */
export type RemovalPlan<Db> = (db: Db) => Promise<{
  /** Other entries that the removal may change, such as lists. */
  readonly alsoChanged: readonly EntryRef[];
  apply(): Promise<{ readonly version: number } | 'outdated'>;
}>;
