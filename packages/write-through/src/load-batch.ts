import type { Bulkhead } from './bulkhead.ts';
import { DatabaseOverloadedError, DatabaseUnavailableError } from './errors.ts';
import type { RecordSource, SourceRecord } from './record-source.ts';

export interface LoadBatchOptions {
  /** Shared by all sources of a cache, so that a cold one sends PostgreSQL a bounded number of statements. */
  readonly bulkhead: Bulkhead;
  readonly sizeMax: number;
  readonly waitingMax: number;
}

/**
 * Collects loads into statements: those of one turn of the event loop, and those that came while the
 * statements under way left no room. The longer they wait, the more of them share the next statement.
 */
export class LoadBatch<Id, Value> {
  readonly #source: RecordSource<Id, Value>;
  readonly #options: LoadBatchOptions;
  readonly #waiting: Waiting<Id, Value>[] = [];
  /** Reads that were admitted and have not ended, and the records of the statements under way. */
  #admitted = 0;
  #sent = 0;
  /** Whether a statement is about to be sent that takes those who wait. */
  #isBooked = false;

  constructor(source: RecordSource<Id, Value>, options: LoadBatchOptions) {
    this.#source = source;
    this.#options = options;
  }

  /** Reads that were admitted and whose statement was not sent. */
  get waiting(): number {
    return this.#admitted - this.#sent;
  }

  /**
   * Throws `DatabaseOverloadedError` if so many reads of one call would not all be admitted: half a call is no
   * answer, and its loads would be work for nothing. While nobody waits, a call of any size is let in.
   */
  requireRoom(count: number): void {
    const { waiting } = this;
    if (waiting > 0 && waiting + count > this.#options.waitingMax) throw overloaded();
  }

  /**
   * Runs a read that may come to load a record. Throws `DatabaseOverloadedError` at once if too many have not been
   * sent: before the read takes a lease, which it would leave behind so that nobody fills the entry for seconds.
   */
  async admit<Result>(read: () => Promise<Result>): Promise<Result> {
    if (this.waiting >= this.#options.waitingMax) throw overloaded();
    this.#admitted += 1;
    try {
      return await read();
    } finally {
      this.#admitted -= 1;
    }
  }

  /**
   * The record, or undefined where there is none, as a statement sent after this call finds it. Throws
   * `DatabaseOverloadedError` at once if too many wait already.
   */
  async load(id: Id): Promise<SourceRecord<Value> | undefined> {
    if (this.#waiting.length >= this.#options.waitingMax) throw overloaded();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ id, resolve, reject });
      this.#book();
    });
  }

  #book(): void {
    if (this.#isBooked) return;
    this.#isBooked = true;
    setImmediate(() => {
      this.#options.bulkhead
        .run(async () => this.#sendNext())
        .catch((err: unknown) => {
          this.#isBooked = false;
          for (const { reject } of this.#waiting.splice(0)) reject(err);
        });
    });
  }

  async #sendNext(): Promise<void> {
    this.#isBooked = false;
    const batch = this.#waiting.splice(0, this.#sizeMax);
    if (this.#waiting.length > 0) this.#book();
    this.#sent += batch.length;
    await this.#send(batch).finally(() => (this.#sent -= batch.length));
  }

  get #sizeMax(): number {
    return this.#source.loadBatchMax ?? this.#options.sizeMax;
  }

  async #send(batch: readonly Waiting<Id, Value>[]): Promise<void> {
    try {
      const records = await this.#source.load(batch.map(({ id }) => id));
      for (const { id, resolve } of batch) resolve(records.get(this.#source.key(id)));
    } catch (err) {
      if (batch.length === 1 || err instanceof DatabaseUnavailableError) {
        for (const { reject } of batch) reject(err);
      } else {
        // One record that cannot be read must not fail those that were only asked for beside it; halving finds it quickly.
        const half = Math.ceil(batch.length / 2);
        for (const part of [batch.slice(0, half), batch.slice(half)]) await this.#send(part);
      }
    }
  }
}

function overloaded(): DatabaseOverloadedError {
  return new DatabaseOverloadedError('Too many reads wait for PostgreSQL; this one was not sent.');
}

interface Waiting<Id, Value> {
  readonly id: Id;
  readonly resolve: (record: SourceRecord<Value> | undefined) => void;
  readonly reject: (err: unknown) => void;
}
