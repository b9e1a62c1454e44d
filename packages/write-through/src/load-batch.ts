import { DatabaseUnavailableError } from './errors.ts';
import type { RecordSource, SourceRecord } from './record-source.ts';

/** Collects the loads of one turn of the event loop into one statement. */
export class LoadBatch<Id, Value> {
  readonly #source: RecordSource<Id, Value>;
  readonly #sizeMax: number;
  #waiting: Waiting<Id, Value>[] = [];

  constructor(source: RecordSource<Id, Value>, sizeMax: number) {
    this.#source = source;
    this.#sizeMax = sizeMax;
  }

  /** The record, or undefined where there is none, as a statement sent after this call finds it. */
  async load(id: Id): Promise<SourceRecord<Value> | undefined> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ id, resolve, reject });
      if (this.#waiting.length === 1) setImmediate(() => void this.#send());
      else if (this.#waiting.length === this.#sizeMax) void this.#send();
    });
  }

  async #send(): Promise<void> {
    const batch = this.#waiting;
    this.#waiting = [];
    if (batch.length === 0) return;
    try {
      const records = await this.#source.load(batch.map(({ id }) => id));
      for (const { id, resolve } of batch) resolve(records.get(this.#source.key(id)));
    } catch (err) {
      if (batch.length === 1 || err instanceof DatabaseUnavailableError) {
        for (const { reject } of batch) reject(err);
      } else {
        // One record that cannot be read must not fail those that were only asked for beside it.
        await Promise.all(batch.map(async (waiting) => this.#loadOne(waiting)));
      }
    }
  }

  async #loadOne({ id, resolve, reject }: Waiting<Id, Value>): Promise<void> {
    try {
      resolve((await this.#source.load([id])).get(this.#source.key(id)));
    } catch (err) {
      reject(err);
    }
  }
}

interface Waiting<Id, Value> {
  readonly id: Id;
  readonly resolve: (record: SourceRecord<Value> | undefined) => void;
  readonly reject: (err: unknown) => void;
}
