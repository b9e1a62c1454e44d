/**
 * Where the records of one kind come from and how they stand in the cache.
 *
 * @typeParam Id what names a record within its namespace
 * @typeParam Value the record as readers get it
 */
export interface RecordSource<Id, Value> {
  /** The first part of the keys, without a colon; also a label in metrics, so there is a handful of them. */
  readonly namespace: string;
  /** Number of the payload's format; a payload of another number is never decoded. */
  readonly schema: number;
  /** How long an entry lives after a write or a fill, in milliseconds. */
  readonly lifeMs: number;
  /**
   * `true`: versions grow with every committed change, so of two records the later is known.
   * `false`: they do not (a list), and a committed change only removes the entry.
   */
  readonly versioned: boolean;
  /** Most records that one `load` is asked for; without it, that of the limits. */
  readonly loadBatchMax?: number;
  /** The rest of the key: distinct for distinct ids. */
  key(id: Id): string;
  /**
   * The latest committed records by their `key(id)`, read from the primary in one new snapshot after the
   * call, outside any transaction of the caller. A record that does not exist is left out.
   */
  load(ids: readonly Id[]): Promise<ReadonlyMap<string, SourceRecord<Value>>>;
  encode(value: Value): Buffer;
  /** Throws on bytes that it did not encode. */
  decode(payload: Buffer): Value;
}

export interface SourceRecord<Value> {
  /** 0 for records of a source that is not versioned. */
  readonly version: number;
  readonly value: Value;
}

/** That of the source whose entry has this key. */
export function namespaceOf(key: string): string {
  return key.slice(0, key.indexOf(':'));
}

export function entryKey<Id>(
  source: Pick<RecordSource<Id, unknown>, 'namespace' | 'key'>,
  id: Id,
): string {
  return `${source.namespace}:${source.key(id)}`;
}
