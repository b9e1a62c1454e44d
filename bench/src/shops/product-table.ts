import type { Product } from '@throughline/product-repository';
import pg from 'pg';
import { connectionsMax, type SelectCount } from './shop.ts';

/** The catalogue through `pg` alone, by prepared statements: what a cache of the others stands before. */
export class ProductTable {
  readonly #pool: pg.Pool;
  readonly #count: SelectCount;

  constructor(databaseUrl: string, count: SelectCount) {
    this.#pool = new pg.Pool({ connectionString: databaseUrl, max: connectionsMax });
    this.#count = count;
  }

  async byId(id: number): Promise<Product | null> {
    this.#count.selects += 1;
    const { rows } = await this.#pool.query<Product>({
      name: 'by_id',
      text: selectById,
      values: [id],
    });
    return rows[0] ?? null;
  }

  async idsOfCategory(categoryId: number, limit: number): Promise<number[]> {
    const { rows } = await this.#pool.query<{ id: number }>({
      name: 'ids_of_category',
      text: 'SELECT id FROM products WHERE category_id = $1::int ORDER BY name, id LIMIT $2::int',
      values: [categoryId, limit],
    });
    return rows.map(({ id }) => id);
  }

  /** One statement that commits by itself. */
  async updatePrice(id: number, price: string): Promise<Product> {
    const { rows } = await this.#pool.query<Product>({
      name: 'update_price',
      text: updatePriceSql,
      values: [id, price],
    });
    const [product] = rows;
    if (product === undefined) throw new Error(`There is no product ${id}.`);
    return product;
  }
}

const columns = `
  product.id, product.sku, product.name, product.description, product.price::text AS price, product.stock,
  product.category_id AS "categoryId",
  json_build_object('id', category.id, 'name', category.name, 'slug', category.slug) AS category,
  (SELECT coalesce(json_agg(json_build_object('id', image.id, 'url', image.url, 'alt', image.alt,
            'position', image.position) ORDER BY image.position, image.id), '[]'::json)
     FROM product_images AS image WHERE image.product_id = product.id) AS images,
  product.version,
  to_char(product.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "createdAt",
  to_char(product.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "updatedAt"`;

const selectById = `
  SELECT ${columns}
    FROM products AS product JOIN categories AS category ON category.id = product.category_id
   WHERE product.id = $1::int`;

/** Also what a transaction of the database alone sends, between BEGIN and COMMIT. */
export const updatePriceSql = `
  UPDATE products AS product
     SET price = $2::numeric, version = product.version + 1, updated_at = clock_timestamp()
    FROM categories AS category
   WHERE product.id = $1::int AND category.id = product.category_id
  RETURNING ${columns}`;

/** The next products by id, after one and so many. */
export const selectAfter = `
  SELECT ${columns}
    FROM products AS product JOIN categories AS category ON category.id = product.category_id
   WHERE product.id > $1::int
   ORDER BY product.id LIMIT $2::int`;
