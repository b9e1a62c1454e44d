import { Client } from 'pg';

/**
 * Fills the migrated tables with products like those of a shop: a text of some 500 characters (62 words of 2,048), one
 * image, 200 products to a category. Their ids are 1 to `count`.
 */
export async function makeCatalogue(databaseUrl: string, count: number): Promise<void> {
  const db = new Client(databaseUrl);
  await db.connect();
  try {
    await db.query('BEGIN');
    await db.query(`SET LOCAL write_through.writer = 'bench'`);
    await db.query(
      `INSERT INTO categories (id, name, slug)
       SELECT id, 'Category ' || id, 'category-' || id FROM generate_series(1, 1 + ($1::int - 1) / 200) AS id`,
      [count],
    );
    await db.query(
      `INSERT INTO products (id, sku, name, description, price, stock, category_id)
       SELECT id, 'SKU-' || id, 'Product ' || id || ' of the range ' || id % 50,
              (SELECT string_agg('word' || (hashtext(id || '.' || place) & 2047), ' ') FROM generate_series(1, 62) AS place),
              id % 1000 + 0.9, 1000000, 1 + (id - 1) / 200
         FROM generate_series(1, $1::int) AS id`,
      [count],
    );
    await db.query(
      `INSERT INTO product_images (product_id, url, alt, position)
       SELECT id, 'https://images.example/products/' || id || '/front.webp', 'Front', 0
         FROM generate_series(1, $1::int) AS id`,
      [count],
    );
    await db.query('COMMIT');
    await db.query('VACUUM ANALYZE');
  } finally {
    await db.end();
  }
}

/** Bytes of the tables of products and images with their indexes, and of the whole database. */
export async function databaseBytes(
  databaseUrl: string,
): Promise<{ readonly catalogue: number; readonly database: number }> {
  const db = new Client(databaseUrl);
  await db.connect();
  try {
    const { rows } = await db.query<{ catalogue: string; database: string }>(
      `SELECT pg_total_relation_size('products') + pg_total_relation_size('product_images') AS catalogue,
              pg_database_size(current_database()) AS database`,
    );
    return { catalogue: Number(rows[0]?.catalogue), database: Number(rows[0]?.database) };
  } finally {
    await db.end();
  }
}
