import type { Ambient } from './ambient.ts';
import type { Bulkhead } from './bulkhead.ts';
import type { CacheObserver, LoadCause, MissReason } from './cache-observer.ts';
import { type CodedRecord, LoadedRecord, StoredRecord } from './coded-record.ts';
import type { Entry, FinalEntry, PendingEntry } from './entry.ts';
import { EntryLookup, type Found, type NotFound } from './entry-lookup.ts';
import type { EntryStore, Resolution } from './entry-store.ts';
import type { EpochKeeper } from './epoch-keeper.ts';
import type { Epoch } from './epoch.ts';
import { finalEntry } from './final-entry.ts';
import { Flights } from './flights.ts';
import type { ReadOutcome } from './instrument.ts';
import { endsSoon, prolonged } from './life.ts';
import type { Limits } from './limits.ts';
import { LoadBatch } from './load-batch.ts';
import type { Outbox } from './outbox.ts';
import { entryKey, type RecordSource } from './record-source.ts';
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
  readonly #flights: Flights<ReadResult<CodedRecord<Value>>>;
  readonly #loads: LoadBatch<Id, Value>;
  readonly #lookup: EntryLookup;

  constructor(source: RecordSource<Id, Value>, parts: ReaderParts) {
    this.#source = source;
    this.#parts = parts;
    const { bulkhead, limits, observer } = parts;
    this.#observer = observer;
    this.#lookup = new EntryLookup(parts);
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

  read(id: Id): Promise<ReadResult<Value>> {
    return this.#read(id, decoded);
  }

  /** Like `read`, of the payload: of a hit as it is stored, of a miss as it was encoded to be. */
  readEncoded(id: Id): Promise<ReadResult<Buffer>> {
    return this.#read(id, encoded);
  }

  readMany(ids: readonly Id[]): Promise<ReadResult<Value>[]> {
    return this.#readMany(ids, decoded);
  }

  /** Like `readMany`, of payloads, as `readEncoded` gets them. */
  readManyEncoded(ids: readonly Id[]): Promise<ReadResult<Buffer>[]> {
    return this.#readMany(ids, encoded);
  }

  /**
   * Asks the entry alone. Its answer is there for whoever takes it by a call, and undefined where PostgreSQL has to be
   * asked; until it is taken, it is no read.
   */
  async peek(id: Id): Promise<() => ReadResult<Value> | undefined> {
    const key = entryKey(this.#source, id);
    const found = await this.#lookup.find([key]);
    return () => {
      if ('reason' in found || !this.#lookup.trusts(found.epoch)) return undefined;
      const answer = this.#answer(found, id, found.entries.get(key), decoded);
      if (answer === undefined) return undefined;
      this.#observer?.asked(key);
      this.#observer?.read(this.#source.namespace, answer.outcome);
      return answer;
    };
  }

  /** Loads records past their entries, and fills those that are absent. */
  async load(ids: readonly Id[]): Promise<ReadResult<CodedRecord<Value>>[]> {
    this.#loads.requireRoom(ids.length);
    return Promise.all(ids.map(async (id) => this.#board(id)));
  }

  /** As `#readMany` does; a hit, which nearly all are, takes one promise of its own. */
  async #read<Form>(id: Id, form: FormOf<Value, Form>): Promise<ReadResult<Form>> {
    const key = entryKey(this.#source, id);
    this.#observer?.asked(key);
    const found = await this.#lookup.find([key]);
    const hit =
      'reason' in found ? undefined : this.#answer(found, id, found.entries.get(key), form);
    if (hit === undefined) return only(await this.#resultsOf([id], [key], found, form));
    this.#observer?.read(this.#source.namespace, hit.outcome);
    return hit;
  }

  async #readMany<Form>(
    ids: readonly Id[],
    form: FormOf<Value, Form>,
  ): Promise<ReadResult<Form>[]> {
    if (ids.length === 0) return [];
    const keys = ids.map((id) => entryKey(this.#source, id));
    for (const key of keys) this.#observer?.asked(key);
    return this.#resultsOf(ids, keys, await this.#lookup.find(keys), form);
  }

  async #resultsOf<Form>(
    ids: readonly Id[],
    keys: readonly string[],
    found: Found | NotFound,
    form: FormOf<Value, Form>,
  ): Promise<ReadResult<Form>[]> {
    const results =
      'reason' in found
        ? await this.#loadPast(ids, found.reason, form)
        : await this.#answerMany(ids, keys, found, form);
    for (const { outcome } of results) this.#observer?.read(this.#source.namespace, outcome);
    return results;
  }

  async #answerMany<Form>(
    ids: readonly Id[],
    keys: readonly string[],
    found: Found,
    form: FormOf<Value, Form>,
  ): Promise<ReadResult<Form>[]> {
    const entries = keys.map((key) => found.entries.get(key));
    const answers = ids.map((id, index) => this.#answer(found, id, entries[index], form));
    const hits = answers.filter((answer) => answer !== undefined);
    if (hits.length === ids.length) return hits;
    this.#loads.requireRoom(ids.length - hits.length);
    return Promise.all(
      ids.map(async (id, index) => {
        const answer = answers[index];
        if (answer !== undefined) return answer;
        const reason = missReason(entries[index] ?? absent, this.#source);
        this.#observer?.missed(this.#source.namespace, reason);
        return inForm(await this.#board(id), form);
      }),
    );
  }

  async #loadPast<Form>(
    ids: readonly Id[],
    reason: NotFound['reason'],
    form: FormOf<Value, Form>,
  ): Promise<ReadResult<Form>[]> {
    for (let count = 0; count < ids.length; count += 1) {
      this.#observer?.missed(this.#source.namespace, reason === 'error' ? 'timeout' : 'untrusted');
    }
    const results = await this.load(ids);
    return results.map(({ outcome, value }) =>
      inForm({ outcome: reason === 'no epoch' ? outcome : reason, value }, form),
    );
  }

  async #board(id: Id): Promise<ReadResult<CodedRecord<Value>>> {
    return this.#flights.join(this.#source.key(id), async () =>
      this.#loads.admit(async () => this.#fly(id)),
    );
  }

  /** One load: the lease comes before the SELECT, and the SELECT before the fill. */
  async #fly(id: Id): Promise<ReadResult<CodedRecord<Value>>> {
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
        if (!this.#lookup.trusts(epoch)) return this.#bypass(id, 'bypass');
        return (
          this.#answer({ epoch, nowMs: ambient.nowMs() }, id, entry, ifDecoded) ??
          this.#bypass(id, 'miss')
        );
      case 'lease': {
        const value = await this.#load(id, 'miss');
        if (entry.token === token) {
          settle(async () => {
            const filled = this.#finalEntry(value);
            const { state } = await store.fill(epoch, key, { token, entry: filled });
            if (state === 'applied') this.#stored(filled);
          });
        }
        return { outcome: 'miss', value };
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
  async #readPending(
    epoch: Epoch,
    id: Id,
    entry: PendingEntry,
  ): Promise<ReadResult<CodedRecord<Value>>> {
    const { store, transactions, epochs } = this.#parts;
    const statuses = await transactions.statuses(entry.attempts.map(({ xid }) => xid));
    const record = await this.#load(id, 'pending');
    if (statuses.includes('future')) {
      epochs.distrust(epoch, 'mark');
      return { outcome: 'bypass', value: record };
    }
    settle(async () => {
      const resolution = this.#resolution(entry, statuses, record);
      if (resolution.type === 'part' && resolution.attempts.length === 0) return;
      const { state } = await store.resolve(epoch, entryKey(this.#source, id), resolution);
      if (state !== 'applied' || resolution.type === 'part') return;
      this.#observer?.resolved('read');
      if (resolution.entry !== undefined) this.#stored(resolution.entry);
    });
    return { outcome: 'pending', value: record };
  }

  #resolution(
    { nonce, attempts }: PendingEntry,
    statuses: readonly TransactionStatus[],
    record: LoadedRecord<Value> | undefined,
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

  async #bypass(id: Id, outcome: keyof typeof causeOf): Promise<ReadResult<CodedRecord<Value>>> {
    return { outcome, value: await this.#load(id, causeOf[outcome]) };
  }

  async #load(id: Id, cause: LoadCause): Promise<LoadedRecord<Value> | undefined> {
    const record = await this.#loads.load(id);
    this.#observer?.loaded(cause, record?.version);
    return record === undefined ? undefined : new LoadedRecord(this.#source, record);
  }

  #stored(entry: FinalEntry): void {
    if (entry.state === 'value') {
      this.#observer?.stored(this.#source.namespace, entry.payload.length);
    }
  }

  /** The answer that the entry holds, or undefined if the database has to be asked. */
  #answer<Form>(
    { epoch, nowMs }: Pick<Found, 'epoch' | 'nowMs'>,
    id: Id,
    entry: Entry | undefined,
    form: FormOf<Value, Form>,
  ): ReadResult<Form> | undefined {
    const { limits, store } = this.#parts;
    if (entry?.state === 'none') {
      this.#answered(entry, nowMs);
      return { outcome: 'negative', value: undefined };
    }
    if (entry?.state !== 'value' || entry.schema !== this.#source.schema) return undefined;
    let value: Form;
    try {
      value = form(new StoredRecord(this.#source, entry.payload));
    } catch {
      return undefined;
    }
    this.#answered(entry, nowMs);
    if (endsSoon(entry, nowMs, limits.extendBelowRatio)) {
      const extended = { ...entry, ...prolonged(entry, nowMs) };
      settle(async () => store.extend(epoch, entryKey(this.#source, id), extended));
    }
    return { outcome: 'hit', value };
  }

  #answered({ lifeMs, expiresAtMs, version }: FinalEntry, nowMs: number): void {
    const ageMs = Math.max(0, nowMs - (expiresAtMs - lifeMs));
    this.#observer?.answered(this.#source.namespace, ageMs, version);
  }

  #finalEntry(record: LoadedRecord<Value> | undefined): FinalEntry {
    return finalEntry(this.#source, this.#parts, record);
  }
}

const absent: Entry = { state: 'absent' };

function only<Value>([result]: readonly ReadResult<Value>[]): ReadResult<Value> {
  if (result === undefined) throw new Error('A read of one record gave no result.');
  return result;
}

/** What a reader wants of a record; throws where it cannot be had. */
type FormOf<Value, Form> = (record: CodedRecord<Value>) => Form;

function decoded<Value>({ value }: CodedRecord<Value>): Value {
  return value;
}

function encoded({ payload }: CodedRecord<unknown>): Buffer {
  return payload;
}

/** For a flight, whose passengers want it in one form or the other. */
function ifDecoded<Value>(record: CodedRecord<Value>): CodedRecord<Value> {
  decoded(record);
  return record;
}

function inForm<Value, Form>(
  { outcome, value }: ReadResult<CodedRecord<Value>>,
  form: FormOf<Value, Form>,
): ReadResult<Form> {
  return { outcome, value: value === undefined ? undefined : form(value) };
}

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
