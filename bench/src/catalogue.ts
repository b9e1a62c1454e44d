import { Client } from 'pg';

/** How products are spread over categories. */
export interface CatalogueShape {
  readonly products: number;
  /**
   * `even`: 200 to a category. `two`: category 1 has the first 100 products and category 2 all the others, so that pages
   * of a small and of a large category can be compared.
   */
  readonly categories: 'even' | 'two';
  /** Words of a description; 62 of them make a product of some 0.9 KB. */
  readonly words?: number;
}

/** Products in the smaller of two categories. */
export const smallCategorySize = 100;

/**
 * Fills the migrated tables with products like those of a shop: a text of words drawn from 2,048, one image. Their ids
 * are 1 to `products`.
 */
export async function makeCatalogue(databaseUrl: string, shape: CatalogueShape): Promise<void> {
  const { products, categories, words = 62 } = shape;
  const placed =
    categories === 'even'
      ? '1 + (id - 1) / 200'
      : `CASE WHEN id <= ${smallCategorySize} THEN 1 ELSE 2 END`;
  const db = new Client(databaseUrl);
  await db.connect();
  try {
    await db.query('BEGIN');
    await db.query(`SET LOCAL write_through.writer = 'bench'`);
    await db.query(`SET LOCAL maintenance_work_mem = '512MB'`);
    // Sorting words into the index of the search row by row takes longer than all the rest.
    await db.query('DROP INDEX products_search_vector_idx');
    await db.query(
      `INSERT INTO categories (id, name, slug)
       SELECT id, 'Category ' || id, 'category-' || id FROM generate_series(1, $1::int) AS id`,
      [categories === 'even' ? 1 + Math.floor((products - 1) / 200) : 2],
    );
    await db.query(
      `INSERT INTO products (id, sku, name, description, price, stock, category_id)
       SELECT id, 'SKU-' || id, 'Product ' || id || ' of the range ' || id % 50,
              (SELECT string_agg('word' || (hashtext(id || '.' || place) & 2047), ' ') FROM generate_series(1, $2::int) AS place),
              id % 1000 + 0.9, 1000000, ${placed}
         FROM generate_series(1, $1::int) AS id`,
      [products, words],
    );
    await db.query(
      `INSERT INTO product_images (product_id, url, alt, position)
       SELECT id, 'https://images.example/products/' || id || '/front.webp', 'Front', 0
         FROM generate_series(1, $1::int) AS id`,
      [products],
    );
    // Products that are created go on where these end.
    await db.query(`SELECT setval(pg_get_serial_sequence('products', 'id'), $1)`, [products]);
    await db.query(searchIndexSql);
    await db.query('COMMIT');
    await db.query('VACUUM ANALYZE');
  } finally {
    await db.end();
  }
}

/** As the first migration makes it. */
const searchIndexSql = `
  CREATE INDEX products_search_vector_idx ON products USING gin (search_vector) WITH (gin_pending_list_limit = 256)`;

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
