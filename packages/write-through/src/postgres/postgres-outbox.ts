import type { Epoch } from '../epoch.ts';
import type { Outbox, OutboxBacklog, OutboxRow } from '../outbox.ts';
import { type ConnectionPool, type Queryable, withConnection } from './connection-pool.ts';

export interface PostgresOutboxOptions {
  /** Connections for short questions. */
  readonly control: ConnectionPool;
  /** The same name as that of the transactions. */
  readonly name: string;
}

/** So many rows are counted one by one. */
const countedMax = 1_000;

/** The outbox in `write_through_outbox`. */
export class PostgresOutbox implements Outbox<Queryable> {
  readonly #control: ConnectionPool;
  readonly #name: string;

  constructor({ control, name }: PostgresOutboxOptions) {
    this.#control = control;
    this.#name = name;
  }

  async backlog(namespaces: readonly string[]): Promise<OutboxBacklog> {
    const { rows } = await withConnection(this.#control, async (db) =>
      db.query({ name: 'write-through-backlog', text: backlogSql, values: [namespaces] }),
    );
    const [row] = rows;
    if (row === undefined) return { rows: 0, lagSeconds: 0 };
    return { rows: Number(row['rows']), lagSeconds: Math.max(0, Number(row['lag_seconds'])) };
  }

  async waiting(epoch: Epoch, keys: readonly string[]): Promise<ReadonlySet<string>> {
    const { rows } = await withConnection(this.#control, async (db) =>
      db.query({
        name: 'write-through-waiting',
        text: waitingSql,
        values: [keys, this.#name, epoch.number, epoch.id],
      }),
    );
    return new Set(rows.map((row) => String(row['key'])));
  }

  async take(db: Queryable, namespaces: readonly string[], countMax: number): Promise<OutboxRow[]> {
    const { rows } = await db.query({
      name: 'write-through-take',
      text: takeSql,
      values: [namespaces, countMax],
    });
    return rows.map(({ id, key }) => ({
      id: BigInt(String(id)),
      key: typeof key === 'string' ? key : null,
    }));
  }

  async remove(db: Queryable, rows: readonly OutboxRow[]): Promise<void> {
    await db.query({
      name: 'write-through-remove',
      text: 'DELETE FROM write_through_outbox WHERE id = ANY($1::bigint[])',
      values: [rows.map(({ id }) => String(id))],
    });
  }

  async endEpochs(db: Queryable): Promise<void> {
    await db.query({ text: endEpochsSql });
  }
}

/** Those of a cache that this process does not know are left to the processes that do. */
const isOursSql = `(key IS NULL OR split_part(key, ':', 1) = ANY($1::text[]))`;

const takeSql = `
  SELECT id, key FROM write_through_outbox
   WHERE ${isOursSql} ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED`;

/** In one order, so that two that do so at once wait for each other and not in a circle. */
const endEpochsSql = `
  UPDATE write_through_epochs SET state = 'draining', changed_at = clock_timestamp()
   WHERE name IN (SELECT name FROM write_through_epochs
                   WHERE state = 'active' ORDER BY name FOR UPDATE)`;

/** Beyond what is counted, ids tell: they have gaps where a transaction rolled back, or left rows of other caches. */
const backlogSql = `
  SELECT CASE WHEN counted.rows <= ${countedMax} THEN counted.rows
              ELSE newest.id - oldest.id + 1 END AS rows,
         extract(epoch FROM clock_timestamp() - oldest.changed_at) AS lag_seconds
    FROM (SELECT id, changed_at FROM write_through_outbox
           WHERE ${isOursSql} ORDER BY id LIMIT 1) AS oldest,
         LATERAL (SELECT id FROM write_through_outbox
                   WHERE ${isOursSql} AND id >= oldest.id ORDER BY id DESC LIMIT 1) AS newest,
         LATERAL (SELECT count(*) AS rows
                    FROM (SELECT FROM write_through_outbox
                           WHERE ${isOursSql} AND id >= oldest.id
                           ORDER BY id LIMIT ${countedMax + 1}) AS first) AS counted`;

/** One snapshot: a row that concerns everything leaves with the transaction that ends the epoch. */
const waitingSql = `
  SELECT waiting.key FROM write_through_outbox AS waiting WHERE waiting.key = ANY($1::text[])
   UNION
  SELECT asked.key FROM unnest($1::text[]) AS asked (key)
   WHERE EXISTS (SELECT FROM write_through_outbox WHERE key IS NULL)
      OR NOT EXISTS (SELECT FROM write_through_epochs
                      WHERE name = $2 AND number = $3 AND id = $4 AND state = 'active')`;
