import { type AuditViolation, Auditor } from './auditor.ts';
import { compareWithDatabase, type Comparison } from './comparison.ts';
import { type EntryInspection, inspectEntry } from './inspection.ts';
import { loadPage } from './page-load.ts';
import { Reader, type ReaderParts, type ReadResult } from './reader.ts';
import { RecentIds } from './recent-ids.ts';
import { entryKey, type RecordSource } from './record-source.ts';
import { warm, type WarmOptions, type WarmPages, type WarmParts, type WarmStep } from './warm.ts';
import type { EntryChange, EntryRef } from './write-plan.ts';

/** No source has it, so its payload is decoded by nobody. */
const noSchema = 0;

/** The records of one source, behind the cache. */
export class CachedRecords<Id, Value> {
  readonly #source: RecordSource<Id, Value>;
  readonly #parts: ReaderParts;
  readonly #reader: Reader<Id, Value>;
  readonly #recentIds: RecentIds<Id>;

  constructor(source: RecordSource<Id, Value>, parts: ReaderParts) {
    this.#source = source;
    this.#reader = new Reader(source, parts);
    this.#parts = parts;
    const { auditOneInReads: oneIn, auditWaitingMax: keptMax } = parts.limits;
    this.#recentIds = new RecentIds({ random: () => parts.ambient.random(), oneIn, keptMax });
  }

  get namespace(): string {
    return this.#source.namespace;
  }

  /** Reads that wait for a statement of theirs to be sent. */
  get waiting(): number {
    return this.#reader.waiting;
  }

  /** The latest committed record. Throws `DatabaseUnavailableError` if PostgreSQL was needed and is away. */
  read(id: Id): Promise<ReadResult<Value>> {
    this.#recentIds.note(id);
    return this.#reader.read(id);
  }

  /** Like `read` for each id, in that order, in one round trip to the store; no snapshot of them together. */
  readMany(ids: readonly Id[]): Promise<ReadResult<Value>[]> {
    for (const id of ids) this.#recentIds.note(id);
    return this.#reader.readMany(ids);
  }

  /** Like `read`, of the record as the source encodes it: a hit is passed on as it is stored, without decoding it. */
  readEncoded(id: Id): Promise<ReadResult<Buffer>> {
    this.#recentIds.note(id);
    return this.#reader.readEncoded(id);
  }

  /** Like `readMany`, of the records as the source encodes them. */
  readManyEncoded(ids: readonly Id[]): Promise<ReadResult<Buffer>[]> {
    for (const id of ids) this.#recentIds.note(id);
    return this.#reader.readManyEncoded(ids);
  }

  /**
   * What the entry alone answers, for whoever can tell only afterwards whether this is the record to be read: the
   * answer is taken by a call, and undefined where `read` has to ask PostgreSQL.
   */
  peek(id: Id): Promise<() => ReadResult<Value> | undefined> {
    return this.#reader.peek(id);
  }

  /**
   * Loads records whose entries are absent, page by page, and tells after each how far it is; never replaces what is there.
   * Ids of one page are distinct. It ends when nobody asks for the next step. Throws `DatabaseUnavailableError` if PostgreSQL
   * is away.
   */
  warm<Position>(
    pages: WarmPages<Id, Position>,
    options: WarmOptions = {},
  ): AsyncGenerator<WarmStep, void> {
    const load: WarmParts<Id, Position>['load'] = async (epoch, ids) =>
      loadPage(this.#source, this.#parts, { epoch, ids });
    return warm({ ...this.#parts, pages, load }, options);
  }

  /** The raw state of an entry, for a person. */
  async inspect(id: Id): Promise<EntryInspection<Value>> {
    return inspectEntry(this.#source, this.#parts, id);
  }

  /** How the entries stand to the database; empty while the store cannot be used. Ids are distinct. */
  async compare(ids: readonly Id[]): Promise<Comparison<Id>[]> {
    return compareWithDatabase(this.#source, this.#parts, ids);
  }

  /** Ids of a random few of the latest reads; each is handed out once. */
  takeRecentIds(countMax: number): Id[] {
    return this.#recentIds.take(countMax);
  }

  /** Compares entries that are read with the database from now on, until the auditor is disposed of. */
  audit(onViolation: (violation: AuditViolation<Id>) => void): Auditor<Id> {
    const { ambient, limits } = this.#parts;
    return new Auditor({ records: this, ambient, limits, onViolation });
  }

  /** Names the entry of a record, for the writes that may change it. */
  entry(id: Id): EntryRef {
    return { key: entryKey(this.#source, id) };
  }

  /** The entry holds this version after COMMIT; `lifeMs` replaces the source's. Encodes at once. */
  changedTo(
    id: Id,
    record: { readonly version: number; readonly value: Value; readonly lifeMs?: number },
  ): EntryChange {
    const { schema, lifeMs } = this.#source;
    const payload = this.#source.encode(record.value);
    return {
      ...this.entry(id),
      toFinal: (life) => ({
        state: 'value',
        schema,
        version: record.version,
        payload,
        ...life(record.lifeMs ?? lifeMs),
      }),
    };
  }

  /**
   * The record has this version after COMMIT and cannot be encoded: nobody is answered from the entry, and no
   * older publication wins over it.
   */
  withheldAt(id: Id, version: number): EntryChange {
    const { lifeMs } = this.#source;
    const payload = Buffer.alloc(0);
    return {
      ...this.entry(id),
      toFinal: (life) => ({ state: 'value', schema: noSchema, version, payload, ...life(lifeMs) }),
    };
  }

  /** The record is known not to exist after COMMIT, from this version on. */
  removedAt(id: Id, version: number): EntryChange {
    const { lifeMs } = this.#source;
    return {
      ...this.entry(id),
      toFinal: (life) => ({ state: 'none', version, ...life(lifeMs) }),
    };
  }
}
