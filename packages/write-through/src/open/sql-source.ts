import { type ConnectionPool, withConnection } from '../postgres/connection-pool.ts';
import type { RecordSource, SourceRecord } from '../record-source.ts';

/** A row as `pg` gives it. */
export type Row = Readonly<Record<string, unknown>>;

/** Records of a table with versions, which stand in the cache as JSON. */
export interface SqlRecords<Id extends string | number, Value> extends Pick<
  RecordSource<Id, Value>,
  'namespace' | 'schema' | 'lifeMs' | 'loadBatchMax'
> {
  /** Selects the rows of the records whose ids are in the array `$1`. */
  readonly select: string;
  /** Which record a row is. */
  readonly id: (row: Row) => Id;
  /** What a row says. `version` grows with every committed change; `value` comes back from JSON as it was. */
  readonly record: (row: Row) => SourceRecord<Value>;
}

/** A source of records for `WriteThroughCache.records`, loaded through this pool. */
export function sqlSource<Id extends string | number, Value>(
  pool: ConnectionPool,
  { select, id, record, ...source }: SqlRecords<Id, Value>,
): RecordSource<Id, Value> {
  return {
    ...source,
    versioned: true,
    key: String,
    load: async (ids) => {
      const { rows } = await withConnection(pool, async (db) =>
        db.query({ text: select, values: [ids] }),
      );
      return new Map(rows.map((row) => [String(id(row)), record(row)]));
    },
    encode: (value) => Buffer.from(JSON.stringify(value)),
    decode: (payload) => {
      const value: Value = JSON.parse(payload.toString());
      return value;
    },
  };
}
