import { type ConnectionPool, withConnection } from '../postgres/connection-pool.ts';
import { epochBypassSql, epochTableSql } from '../postgres/epoch-table.ts';
import { outboxTableSql } from '../postgres/outbox-table.ts';

/** The engine's own tables; run it with your migrations. It may run again. */
export const tablesSql = [epochTableSql, epochBypassSql, outboxTableSql].join(';');

/** Makes what is missing, in one transaction; processes that start together do so one after another. */
export async function createTables(pool: ConnectionPool, sql: string): Promise<void> {
  await withConnection(pool, async (db) => {
    const { rows } = await db.query({
      text: `SELECT to_regclass('write_through_outbox') IS NULL AS is_missing`,
    });
    // Where they are there, nothing may lock the epoch's row against writers of other processes.
    const texts = rows[0]?.['is_missing'] === true ? [tablesSql, sql] : [sql];
    // Several statements of one text are one transaction.
    await db.query({ text: [lockSql, ...texts].join(';'), query_timeout: tablesMs });
  });
}

const lockSql = `SELECT pg_advisory_xact_lock(hashtextextended('write-through tables', 0))`;
/** Long enough to wait for other processes that make theirs. */
const tablesMs = 60_000;
