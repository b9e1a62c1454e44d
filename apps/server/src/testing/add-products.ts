import { PgConnectionPool, withConnection } from '@throughline/write-through/postgres';

/** Products with the ids after that one, past the service, which has not read them yet. */
export async function addProducts(
  databaseUrl: string,
  { afterId, count, categoryId }: { afterId: number; count: number; categoryId: number },
): Promise<void> {
  await using pool = new PgConnectionPool({ databaseUrl, connectionsMax: 1 });
  await withConnection(pool, async (db) =>
    db.query({
      text: `INSERT INTO products (id, sku, name, price, category_id)
             SELECT $1::int + n, 'SKU-' || n, 'Lamp ' || n, 10, $2 FROM generate_series(1, $3::int) AS n`,
      values: [afterId, categoryId, count],
    }),
  );
}
