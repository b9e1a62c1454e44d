import type { RecordSource, SourceRecord } from './record-source.ts';

/** A record as readers get it, and as its entry holds it. */
export interface CodedRecord<Value> {
  readonly value: Value;
  readonly payload: Buffer;
}

/** What was found in an entry. Its `value` throws where the source cannot decode it. */
export class StoredRecord<Value> implements CodedRecord<Value> {
  readonly payload: Buffer;
  readonly #source: Pick<RecordSource<never, Value>, 'decode'>;

  constructor(source: Pick<RecordSource<never, Value>, 'decode'>, payload: Buffer) {
    this.#source = source;
    this.payload = payload;
  }

  get value(): Value {
    return this.#source.decode(this.payload);
  }
}

/** What PostgreSQL answered; encoded once, for the entry and for whoever asks for it encoded. */
export class LoadedRecord<Value> implements CodedRecord<Value> {
  readonly version: number;
  readonly value: Value;
  readonly #source: Pick<RecordSource<never, Value>, 'encode'>;
  #payload: Buffer | undefined;

  constructor(
    source: Pick<RecordSource<never, Value>, 'encode'>,
    { version, value }: SourceRecord<Value>,
  ) {
    this.#source = source;
    this.version = version;
    this.value = value;
  }

  get payload(): Buffer {
    this.#payload ??= this.#source.encode(this.value);
    return this.#payload;
  }
}
