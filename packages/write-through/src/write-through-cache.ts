import { type Ambient, systemAmbient } from './ambient.ts';
import type { CacheObserver } from './cache-observer.ts';
import { CachedRecords } from './cached-records.ts';
import type { EntryStore } from './entry-store.ts';
import { Bulkhead } from './bulkhead.ts';
import { EpochKeeper, type OnFailure } from './epoch-keeper.ts';
import { epochNumber } from './epoch.ts';
import type { EpochRegister } from './epoch-register.ts';
import { beginNewEpoch, type ResetParts } from './epoch-reset.ts';
import type { WriteOutcome } from './instrument.ts';
import { defaultLimits, type Limits } from './limits.ts';
import type { Outbox } from './outbox.ts';
import { OutboxDrain, type OutboxDrainParts } from './outbox-drain.ts';
import type { ReaderParts } from './reader.ts';
import type { RecordSource, SourceRecord } from './record-source.ts';
import type { Transactions } from './transactions.ts';
import type { EntryRef, WritePlan } from './write-plan.ts';
import { Sweeper } from './sweeper.ts';
import { Writer, type WriteResult } from './writer.ts';

export interface WriteThroughCacheOptions<Db> {
  readonly store: EntryStore;
  readonly transactions: Transactions<Db>;
  readonly register: EpochRegister;
  /** Where changes made past the cache leave their rows; without it they are not noticed. */
  readonly outbox?: Outbox<Db>;
  /**
   * `reject`: a write that the store cannot take is rolled back and refused. `degrade`, the default: the store
   * is left by all processes, and writes go on without it until it can be used again.
   */
  readonly onFailure?: OnFailure;
  readonly ambient?: Ambient;
  readonly limits?: Partial<Limits>;
  /** Told of what happens within; without it, nothing is. */
  readonly observer?: CacheObserver | undefined;
}

/** What the cache is doing now. */
export interface CacheState {
  /**
   * `active`: entries are used. `draining`: an epoch ends, reads come from PostgreSQL and writes wait. `bypass`:
   * reads and writes go to PostgreSQL alone.
   */
  readonly mode: 'active' | 'draining' | 'bypass';
  /** Number of the epoch that this process knows; 0 before the first. */
  readonly epoch: number;
  /** Whether entries may be answered from; without it, reads come from PostgreSQL. */
  readonly trusted: boolean;
  /** Whether PostgreSQL has confirmed the epoch lately. */
  readonly leaseHeld: boolean;
  /** Whether the store can be reached and is fit to be used. */
  readonly storeReachable: boolean;
  /** Whether other processes can use the store and this one cannot. */
  readonly isolated: boolean;
  /** Writes of this process that have begun and not ended. */
  readonly pendingWrites: number;
  /** Pending entries in the store, of all processes, when this one last looked; undefined before that. */
  readonly pendingEntries: number | undefined;
  /** Time since the last INTEND of the one of them that waits longest, at that moment; 0 without one. */
  readonly oldestPendingMs: number | undefined;
  /** Statements of this process that load records now. */
  readonly loadsRunning: number;
  /** Records of this process that wait for such a statement, and other statements that wait for their turn. */
  readonly loadsWaiting: number;
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
 *    a lock that every writer holds shared, so no writer of an older one can still commit, and after every
 *    reader's trust lease on the older one has ended.
 *
 * Hence a final entry holds the latest committed version. Modes: `active`, as above; `draining`, when the store
 * changed or was lost: reads come from PostgreSQL and writes wait a little or are refused; `bypass`, with the
 * policy `degrade`: reads and writes go to PostgreSQL, and no entry is touched. The trade made: a write costs two
 * round trips to the store, and a key that is being written is read from PostgreSQL.
 *
 * @typeParam Db what statements of a transaction are sent through
 */
export class WriteThroughCache<Db> implements AsyncDisposable {
  readonly #store: EntryStore;
  readonly #epochs: EpochKeeper;
  readonly #bulkhead: Bulkhead;
  readonly #writer: Writer<Db>;
  readonly #sweeper: Sweeper;
  readonly #readerParts: ReaderParts;
  readonly #drainParts: Omit<OutboxDrainParts<Db>, 'present' | 'onStuck'> | undefined;
  readonly #resetParts: ResetParts;
  readonly #records: { readonly namespace: string; readonly waiting: number }[] = [];
  /** Told of what happens within. */
  readonly observer: CacheObserver | undefined;

  constructor(options: WriteThroughCacheOptions<Db>) {
    const { store, transactions, register, outbox, observer, onFailure = 'degrade' } = options;
    const ambient = options.ambient ?? systemAmbient;
    const limits = { ...defaultLimits, ...options.limits };
    const epochs = new EpochKeeper({ store, register, onFailure, ambient, limits });
    const { loadsMax: runningMax, loadsWaitingMax: waitingMax } = limits;
    const bulkhead = new Bulkhead({ runningMax, waitingMax });
    const stores = { store, transactions, outbox };
    const parts = { ...stores, epochs, onFailure, ambient, limits, bulkhead, observer };
    this.observer = observer;
    this.#store = store;
    this.#epochs = epochs;
    this.#bulkhead = bulkhead;
    this.#readerParts = parts;
    this.#drainParts =
      outbox === undefined
        ? undefined
        : { ...parts, outbox, register, namespaces: () => this.namespaces };
    this.#resetParts = { ...parts, register };
    this.#writer = new Writer(parts);
    this.#sweeper = new Sweeper(parts);
  }

  /** Returns when the store can be used, or after a while without it; the cache works with or without. */
  async start(): Promise<void> {
    await this.#epochs.start();
    this.#sweeper.start();
  }

  get state(): CacheState {
    const { row, current, isLeaseHeld, isIsolated } = this.#epochs;
    return {
      mode: row?.state ?? 'draining',
      epoch: row === undefined ? 0 : epochNumber(row),
      trusted: current !== undefined,
      leaseHeld: isLeaseHeld,
      storeReachable: this.#store.identity !== undefined,
      isolated: isIsolated,
      pendingWrites: this.#writer.inFlight,
      pendingEntries: this.#sweeper.pending?.count,
      oldestPendingMs: this.#sweeper.pending?.oldestMs,
      loadsRunning: this.#bulkhead.running,
      loadsWaiting: this.#records.reduce(
        (sum, { waiting }) => sum + waiting,
        this.#bulkhead.waiting,
      ),
    };
  }

  /** For how long this process may still believe the epoch row without reading it again; 0 if it may not. */
  get leaseLeftMs(): number {
    return this.#epochs.leaseLeftMs;
  }

  /** Writes of this process that wait for their turn to ask PostgreSQL. */
  get writesWaiting(): number {
    return this.#writer.waiting;
  }

  /** Those of all its sources. */
  get namespaces(): readonly string[] {
    return this.#records.map(({ namespace }) => namespace);
  }

  /** Calls back when the mode or the epoch has changed, as this process hears of it, and once after the start. */
  onModeChange(listener: (mode: CacheState['mode'], epoch: number) => void): void {
    this.#epochs.onRowChange((row) => listener(row.state, epochNumber(row)));
  }

  /**
   * The records of one source, to be read and written through this cache. Hold on to it. No cache of another name in the
   * same database may have its namespace, if changes made past the cache are followed.
   */
  records<Id, Value>(source: RecordSource<Id, Value>): CachedRecords<Id, Value> {
    if (source.namespace.includes(':')) {
      // It would be taken for a shorter one, wherever a key tells its namespace.
      throw new TypeError(
        `The namespace "${source.namespace}" has a colon, which ends a namespace.`,
      );
    }
    const records = new CachedRecords(source, this.#readerParts);
    this.#records.push(records);
    return records;
  }

  /**
   * Runs a reader's statement that is no load of a record, within the same bound on statements at once. Throws
   * `DatabaseOverloadedError` at once if too many wait already.
   */
  async load<Result>(statement: () => Promise<Result>): Promise<Result> {
    return this.#bulkhead.run(statement);
  }

  /**
   * Commits a write and publishes what it changed. Throws what the plan throws, `CacheUnavailableError` and
   * `DatabaseUnavailableError` if nothing was committed, `CommitOutcomeUnknownError` if nobody can tell. Throws
   * `CallAbandonedError` where `isWanted` says that nobody waits any more when the write has its turn: nothing was begun then.
   */
  async write<Value>(
    plan: WritePlan<Db, Value>,
    isWanted?: () => boolean,
  ): Promise<WriteResult<Value>> {
    return this.#writer.write(plan, isWanted);
  }

  /** Like `write`, for a statement that changes one record, or makes it, and says what it is then. */
  async change<Id, Value>(
    records: CachedRecords<Id, Value>,
    id: Id,
    apply: (db: Db) => Promise<SourceRecord<Value>>,
  ): Promise<WriteResult<SourceRecord<Value>>> {
    return this.#writer.write(async (db) => ({
      entries: [records.entry(id)],
      apply: async () => {
        const value = await apply(db);
        return { value, changes: [records.changedTo(id, value)] };
      },
    }));
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

  /**
   * Drops one entry, whatever it holds: a write of no row, so that it is safe beside every other write and
   * read. Throws what a write throws.
   */
  async invalidate({ key }: EntryRef): Promise<WriteOutcome> {
    const { outcome } = await this.#writer.write(async () => ({
      entries: [{ key }],
      apply: async () => ({ value: undefined, changes: [] }),
    }));
    return outcome;
  }

  /**
   * Ends the epoch, so that nothing that the store holds is read again, and waits for the next. Its number.
   * Throws `CacheUnavailableError` if it has not begun in time; the old one has ended all the same.
   */
  async reset(): Promise<number> {
    return beginNewEpoch(this.#resetParts);
  }

  /** Drains the outbox from now on, until the drain is disposed of, which comes before the cache. */
  drain(how: Pick<OutboxDrainParts<Db>, 'present' | 'onStuck'>): OutboxDrain<Db> {
    if (this.#drainParts === undefined) throw new Error('This cache has no outbox to drain.');
    return new OutboxDrain({ ...this.#drainParts, ...how });
  }

  /** Ends the background work; the store and the pools are closed by those who opened them. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sweeper[Symbol.asyncDispose]();
    await this.#writer[Symbol.asyncDispose]();
    await this.#epochs[Symbol.asyncDispose]();
  }
}

/** Like a `WritePlan`, for one record that is to be gone. */
export type RemovalPlan<Db> = (db: Db) => Promise<{
  /** The lists that the removal may change; a record that it changes needs a write with a plan. */
  readonly alsoChanged: readonly EntryRef[];
  apply(): Promise<{ readonly version: number } | 'outdated'>;
}>;
