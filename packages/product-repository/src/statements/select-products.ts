import { productSchema, type Product } from '../product.ts';
import { productColumns } from './product-columns.ts';
import type { Queryable, Statement } from './queryable.ts';

/** Those of the products that exist, by id, from one snapshot, and checked against the schema. */
export async function selectProducts(
  db: Queryable,
  ids: readonly number[],
): Promise<Map<number, Product>> {
  const { rows } = await db.query(selectProductsStatement(ids));
  const products = rows.map((row) => productSchema.parse(row));
  return new Map(products.map((product) => [product.id, product]));
}

/** To be sent with others; its rows are products. */
export function selectProductsStatement(ids: readonly number[]): Statement {
  return { name: 'select_products', text, values: [ids] };
}

const text = `
  SELECT ${productColumns('product', 'category')}
    FROM products AS product JOIN categories AS category ON category.id = product.category_id
   WHERE product.id = ANY($1::int[])`;
