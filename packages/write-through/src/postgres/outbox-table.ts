import { literal } from './epoch-table.ts';

/** Name of the setting that tells a trigger who writes. It holds for one transaction, so poolers may share sessions. */
const writerSetting = 'write_through.writer';

/** Says that the transaction is one of ours, which names its entries itself: triggers leave it alone. */
export function markWriterSql(name: string): string {
  return `SET LOCAL ${writerSetting} = ${literal(name)}`;
}

/** The same as an expression, with that of the name. */
export function setWriterSql(name: string): string {
  return `set_config('${writerSetting}', ${name}, true)`;
}

/** For the WHEN of a trigger: the transaction is not one of ours. After SET LOCAL the setting stays, but empty. */
export const isOutsideSql = `coalesce(current_setting('${writerSetting}', true), '') = ''`;

/**
 * The outbox; run it with the service's other migrations. Whoever changes a record past the cache inserts the
 * keys of the entries concerned, or NULL for all, in the same transaction. It is a queue, mostly empty: what was
 * taken out of it is cleared away soon, or every look would step over it.
 */
export const outboxTableSql = `
CREATE TABLE IF NOT EXISTS write_through_outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text,
  changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);
CREATE INDEX IF NOT EXISTS write_through_outbox_everything_idx
  ON write_through_outbox (id) WHERE key IS NULL`;
