import { productSchema, type Product } from '../product.ts';
import { productColumns } from './product-columns.ts';
import type { Queryable } from './queryable.ts';

/**
 * The product as that committed transaction left it; undefined if it did not change it, or if somebody has done so
 * since.
 */
export async function recallProduct(
  db: Queryable,
  id: number,
  xid: bigint,
): Promise<Product | undefined> {
  const { rows } = await db.query({ name: 'recall_product', text, values: [id, String(xid)] });
  return rows[0] === undefined ? undefined : productSchema.parse(rows[0]);
}

/** Rows are signed with the lower half of the id, which comes back only after four thousand million transactions. */
const text = `
  SELECT ${productColumns('product', 'category')}
    FROM products AS product JOIN categories AS category ON category.id = product.category_id
   WHERE product.id = $1::int AND product.xmin::text = ($2::bigint % 4294967296)::text`;
