import type { Ambient } from './ambient.ts';
import type { Bulkhead } from './bulkhead.ts';
import type { CacheObserver, LoadCause, MissReason } from './cache-observer.ts';
import type { Entry, FinalEntry, PendingEntry } from './entry.ts';
import type { EntryStore, Resolution } from './entry-store.ts';
import type { EpochKeeper } from './epoch-keeper.ts';
import { type Epoch, isSameEpoch } from './epoch.ts';
import { Flights } from './flights.ts';
import type { ReadOutcome } from './instrument.ts';
import { endsSoon, newLife, prolonged } from './life.ts';
import type { Limits } from './limits.ts';
import { LoadBatch } from './load-batch.ts';
import type { Outbox } from './outbox.ts';
import { entryKey, type RecordSource, type SourceRecord } from './record-source.ts';
import type { Transactions, TransactionStatus } from './transactions.ts';

/** A record as of a moment after the read began; undefined where there is none. */
export interface ReadResult<Value> {
  readonly outcome: ReadOutcome;
  readonly value: Value | undefined;
}

export interface ReaderParts {
  readonly store: EntryStore;
  readonly transactions: Pick<Transactions<unknown>, 'statuses'>;
  readonly epochs: Pick<EpochKeeper, 'current' | 'distrust'>;
  readonly ambient: Ambient;
  readonly limits: Limits;
  /** Bounds the statements that load records. */
  readonly bulkhead: Bulkhead;
  readonly observer?: CacheObserver | undefined;
  /** Without it, changes made past the cache are not noticed. */
  readonly outbox?: Pick<Outbox<never>, 'waiting'> | undefined;
}

/** Reads the records of one source: from their entries where these are final, else from PostgreSQL. */
export class Reader<Id, Value> {
  readonly #source: RecordSource<Id, Value>;
  readonly #parts: ReaderParts;
  readonly #observer: CacheObserver | undefined;
  readonly #flights: Flights<ReadResult<Value>>;
  readonly #loads: LoadBatch<Id, Value>;

  constructor(source: RecordSource<Id, Value>, parts: ReaderParts) {
    this.#source = source;
    this.#parts = parts;
    const { bulkhead, limits, observer } = parts;
    this.#observer = observer;
    this.#flights = new Flights(source.namespace, observer);
    this.#loads = new LoadBatch(source, {
      bulkhead,
      sizeMax: limits.loadBatchMax,
      waitingMax: limits.loadsWaitingMax,
    });
  }

  /** Reads that wait for a statement of theirs to be sent. */
  get waiting(): number {
    return this.#loads.waiting;
  }

  async readMany(ids: readonly Id[]): Promise<ReadResult<Value>[]> {
    const keys = ids.map((id) => entryKey(this.#source, id));
    for (const key of keys) this.#observer?.asked(key);
    const results = await this.#readMany(ids, keys);
    for (const { outcome } of results) this.#observer?.read(this.#source.namespace, outcome);
    return results;
  }

  async #readMany(ids: readonly Id[], keys: readonly string[]): Promise<ReadResult<Value>[]> {
    const epoch = this.#parts.epochs.current;
    if (epoch === undefined) {
      this.#missed(ids, 'untrusted');
      return this.load(ids);
    }
    const entries = await this.#parts.store.get(epoch, keys).catch(() => 'failed' as const);
    if (entries === 'failed') return this.#bypassMany(ids, 'error');
    if ('state' in entries) {
      this.#parts.epochs.distrust(epoch, entries.reason);
      return this.#bypassMany(ids, 'bypass');
    }
    if (!this.#isTrusted(epoch)) return this.#bypassMany(ids, 'bypass');
    const answers = ids.map((id, index) => this.#answer(epoch, id, entries[index] ?? absent));
    this.#loads.requireRoom(answers.filter((answer) => answer === undefined).length);
    return Promise.all(
      ids.map(async (id, index) => {
        const answer = answers[index];
        if (answer !== undefined) return answer;
        const entry = entries[index] ?? absent;
        this.#observer?.missed(this.#source.namespace, missReason(entry, this.#source));
        return this.#board(id);
      }),
    );
  }

  /** Loads records past their entries, and fills those that are absent. */
  async load(ids: readonly Id[]): Promise<ReadResult<Value>[]> {
    this.#loads.requireRoom(ids.length);
    return Promise.all(ids.map(async (id) => this.#board(id)));
  }

  #missed(ids: readonly Id[], reason: MissReason): void {
    for (let count = 0; count < ids.length; count += 1) {
      this.#observer?.missed(this.#source.namespace, reason);
    }
  }

  async #bypassMany(ids: readonly Id[], outcome: 'bypass' | 'error'): Promise<ReadResult<Value>[]> {
    this.#missed(ids, outcome === 'error' ? 'timeout' : 'untrusted');
    const results = await this.load(ids);
    return results.map(({ value }) => ({ outcome, value }));
  }

  async #board(id: Id): Promise<ReadResult<Value>> {
    return this.#flights.join(this.#source.key(id), async () =>
      this.#loads.admit(async () => this.#fly(id)),
    );
  }

  /** One load: the lease comes before the SELECT, and the SELECT before the fill. */
  async #fly(id: Id): Promise<ReadResult<Value>> {
    const { store, epochs, ambient, limits } = this.#parts;
    const epoch = epochs.current;
    if (epoch === undefined) return this.#bypass(id, 'bypass');
    const key = entryKey(this.#source, id);
    const token = ambient.token();
    const entry = await store
      .lease(epoch, key, { token, lifeMs: limits.leaseLifeMs })
      .catch(() => 'failed' as const);
    if (entry === 'failed') return this.#bypass(id, 'error');
    switch (entry.state) {
      case 'untrusted':
        epochs.distrust(epoch, entry.reason);
        return this.#bypass(id, 'bypass');
      case 'pending':
        return this.#readPending(epoch, id, entry);
      case 'value':
      case 'none':
        if (!this.#isTrusted(epoch)) return this.#bypass(id, 'bypass');
        return this.#answer(epoch, id, entry) ?? this.#bypass(id, 'miss');
      case 'lease': {
        const record = await this.#load(id, 'miss');
        if (entry.token === token) {
          settle(async () => {
            const filled = this.#finalEntry(record);
            const { state } = await store.fill(epoch, key, { token, entry: filled });
            if (state === 'applied') this.#stored(filled);
          });
        }
        return { outcome: 'miss', value: record?.value };
      }
      case 'absent':
      case 'unreadable':
        return this.#bypass(id, 'miss');
    }
  }

  /**
   * The statuses are asked first and the record is read after them, in a new snapshot: so the record holds
   * every write whose status was final, and what is read here may take their place in the entry.
   */
  async #readPending(epoch: Epoch, id: Id, entry: PendingEntry): Promise<ReadResult<Value>> {
    const { store, transactions, epochs } = this.#parts;
    const statuses = await transactions.statuses(entry.attempts.map(({ xid }) => xid));
    const record = await this.#load(id, 'pending');
    if (statuses.includes('future')) {
      epochs.distrust(epoch, 'mark');
      return { outcome: 'bypass', value: record?.value };
    }
    settle(async () => {
      const resolution = this.#resolution(entry, statuses, record);
      if (resolution.type === 'part' && resolution.attempts.length === 0) return;
      const { state } = await store.resolve(epoch, entryKey(this.#source, id), resolution);
      if (state !== 'applied' || resolution.type === 'part') return;
      this.#observer?.resolved('read');
      if (resolution.entry !== undefined) this.#stored(resolution.entry);
    });
    return { outcome: 'pending', value: record?.value };
  }

  #resolution(
    { nonce, attempts }: PendingEntry,
    statuses: readonly TransactionStatus[],
    record: SourceRecord<Value> | undefined,
  ): Resolution {
    const ended = attempts.filter((_, index) => statuses[index] !== 'in progress');
    if (ended.length === attempts.length) {
      return { type: 'whole', nonce, entry: this.#finalEntry(record) };
    }
    if (!this.#source.versioned) return { type: 'part', nonce, attempts: ended };
    if (record !== undefined) {
      return { type: 'part', nonce, attempts: ended, entry: this.#finalEntry(record) };
    }
    // A row that is not there tells no version, so only attempts that changed nothing may leave.
    const aborted = attempts.filter((_, index) => statuses[index] === 'aborted');
    return { type: 'part', nonce, attempts: aborted };
  }

  async #bypass(id: Id, outcome: keyof typeof causeOf): Promise<ReadResult<Value>> {
    const record = await this.#load(id, causeOf[outcome]);
    return { outcome, value: record?.value };
  }

  async #load(id: Id, cause: LoadCause): Promise<SourceRecord<Value> | undefined> {
    const record = await this.#loads.load(id);
    this.#observer?.loaded(cause, record?.version);
    return record;
  }

  #stored(entry: FinalEntry): void {
    if (entry.state === 'value') {
      this.#observer?.stored(this.#source.namespace, entry.payload.length);
    }
  }

  /**
   * Asked after a reply of the store came, for it may have waited on its way until the epoch was over and
   * others wrote past it.
   */
  #isTrusted(epoch: Epoch): boolean {
    return isSameEpoch(epoch, this.#parts.epochs.current);
  }

  /** The answer that the entry holds, or undefined if the database has to be asked. */
  #answer(epoch: Epoch, id: Id, entry: Entry): ReadResult<Value> | undefined {
    if (entry.state === 'none') {
      this.#answered(entry);
      return { outcome: 'negative', value: undefined };
    }
    if (entry.state !== 'value' || entry.schema !== this.#source.schema) return undefined;
    let value: Value;
    try {
      value = this.#source.decode(entry.payload);
    } catch {
      return undefined;
    }
    this.#answered(entry);
    const { ambient, limits, store } = this.#parts;
    if (endsSoon(entry, ambient.nowMs(), limits.extendBelowRatio)) {
      const extended = { ...entry, ...prolonged(entry, ambient.nowMs()) };
      settle(async () => store.extend(epoch, entryKey(this.#source, id), extended));
    }
    return { outcome: 'hit', value };
  }

  #answered({ lifeMs, expiresAtMs, version }: FinalEntry): void {
    if (this.#observer === undefined) return;
    const ageMs = this.#parts.ambient.nowMs() - (expiresAtMs - lifeMs);
    this.#observer.answered(this.#source.namespace, Math.max(0, ageMs), version);
  }

  #finalEntry(record: SourceRecord<Value> | undefined): FinalEntry {
    const { ambient, limits } = this.#parts;
    const source = this.#source;
    if (record === undefined) {
      const lifeMs = Math.min(limits.noneLifeMs, source.lifeMs);
      return { state: 'none', version: 0, ...newLife(lifeMs, ambient, limits) };
    }
    return {
      state: 'value',
      schema: source.schema,
      version: record.version,
      payload: source.encode(record.value),
      ...newLife(source.lifeMs, ambient, limits),
    };
  }
}

const absent: Entry = { state: 'absent' };

const causeOf = { bypass: 'untrusted', error: 'error', miss: 'miss' } as const;

/** Why this entry, just asked for, answers nobody. */
function missReason(
  entry: Entry,
  { schema }: Pick<RecordSource<unknown, unknown>, 'schema'>,
): MissReason {
  switch (entry.state) {
    case 'pending':
      return 'invalidated';
    case 'value':
      return entry.schema === schema ? 'decode_error' : 'schema_skew';
    case 'unreadable':
      return 'decode_error';
    case 'absent':
    case 'lease':
    case 'none':
      return 'absent';
  }
}

/** A read does not wait for what only helps the next one; if that fails, the next one does it again. */
function settle(step: () => Promise<unknown>): void {
  step().catch(() => undefined);
}
