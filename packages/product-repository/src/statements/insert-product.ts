import { z } from 'zod';
import { constraintViolated } from '../database-error.ts';
import { productSchema, type CreateProduct, type Product } from '../product.ts';
import { id as idSchema } from '../scalars.ts';
import { productColumns, storedColumns } from './product-columns.ts';
import type { Queryable } from './queryable.ts';

export type InsertProductResult =
  | { readonly type: 'created'; readonly product: Product }
  | { readonly type: 'category-missing' }
  /** Another program has given the id to a product of its own; the transaction has failed. */
  | { readonly type: 'id-taken' };

/** The id of a product yet to be inserted, so that its cache entry can be marked beforehand. */
export async function nextProductId(db: Queryable): Promise<number> {
  const { rows } = await db.query({
    name: 'next_product_id',
    text: `SELECT nextval('products_id_seq')::int AS id`,
    values: [],
  });
  return z.object({ id: idSchema }).parse(rows[0]).id;
}

/** Throws a violation of `products_sku_key` when the SKU is taken. */
export async function insertProduct(
  db: Queryable,
  id: number,
  input: CreateProduct,
): Promise<InsertProductResult> {
  try {
    const { rows } = await db.query({
      name: 'insert_product',
      text,
      values: [
        id,
        input.sku,
        input.name,
        input.description,
        input.price,
        input.stock,
        input.categoryId,
        input.images.map((image) => image.url),
        input.images.map((image) => image.alt),
      ],
    });
    const row = rows[0];
    if (row === undefined) return { type: 'category-missing' };
    return { type: 'created', product: productSchema.parse(row) };
  } catch (err) {
    if (constraintViolated(err) === 'products_pkey') return { type: 'id-taken' };
    throw err;
  }
}

/**
 * Under an id that another program has used, versions go on where its product was deleted. The category is locked
 * against a rename until the product that shows its name is committed. The rows of the
 * statement are not in its snapshot, so the images are read from the CTE, which is named as their table.
 */
const text = `
  WITH category AS (
    SELECT id, name, slug FROM categories WHERE id = $7::int FOR SHARE
  ), product AS (
    INSERT INTO products AS product
      (id, sku, name, description, price, stock, category_id, version)
    SELECT $1::int, $2::text, $3::text, $4::text, $5::numeric, $6::int, category.id,
           coalesce((SELECT version + 1 FROM deleted_products WHERE id = $1::int), 1)
      FROM category
    RETURNING ${storedColumns('product')}
  ), product_images AS (
    INSERT INTO product_images AS image (product_id, url, alt, position)
    SELECT product.id, input.url, input.alt, input.ordinality - 1
      FROM product, unnest($8::text[], $9::text[]) WITH ORDINALITY AS input (url, alt, ordinality)
    RETURNING image.id, image.product_id, image.url, image.alt, image.position
  )
  SELECT ${productColumns('product', 'category')} FROM product CROSS JOIN category`;
