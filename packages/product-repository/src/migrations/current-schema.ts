import type { Queryable } from '../statements/queryable.ts';

/** The schema that tables are made in, ready to stand in SQL: functions with the rights of their owner name it. */
export async function currentSchema(db: Queryable): Promise<string> {
  const text = 'SELECT quote_ident(current_schema()) AS schema';
  const { rows } = await db.query({ text, values: [] });
  return String(rows[0]?.['schema']);
}
