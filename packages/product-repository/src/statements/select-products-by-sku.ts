import { answerOf } from '@throughline/write-through/postgres';
import { z } from 'zod';
import { productSchema, type Product } from '../product.ts';
import { id } from '../scalars.ts';
import { productColumns } from './product-columns.ts';
import type { Connection } from './queryable.ts';

/** What stands in the way of, or ready for, products that are about to be written by their SKUs. */
export interface SkuLookup {
  /** By SKU. */
  readonly products: ReadonlyMap<string, Product>;
  /** An id for each SKU that no product has. */
  readonly newIds: ReadonlyMap<string, number>;
  /** Those of the categories that exist. */
  readonly categoryIds: ReadonlySet<number>;
}

/** Reads without locks, in one round trip. */
export async function lookUpSkus(
  db: Connection,
  skus: readonly string[],
  categoryIds: readonly number[],
): Promise<SkuLookup> {
  const [found, categories] = (
    await db.queryAll([
      { name: 'look_up_skus', text: productsText, values: [skus] },
      { name: 'look_up_categories', text: categoriesText, values: [categoryIds] },
    ])
  ).map((answer) => answerOf(answer).rows);
  const products = new Map<string, Product>();
  const newIds = new Map<string, number>();
  for (const row of found ?? []) {
    const { askedSku, newId } = askedSchema.parse(row);
    if (newId === null) products.set(askedSku, productSchema.parse(row));
    else newIds.set(askedSku, newId);
  }
  return {
    products,
    newIds,
    categoryIds: new Set((categories ?? []).map((row) => categorySchema.parse(row).id)),
  };
}

const askedSchema = z.object({ askedSku: z.string(), newId: id.nullable() });
const categorySchema = z.object({ id });

/** Each SKU is looked up by itself: a session keeps the plan that it made for a small catalogue while that grows large. */
const productsText = `
  SELECT asked.sku AS "askedSku",
         CASE WHEN product.id IS NULL THEN nextval('products_id_seq')::int END AS "newId",
         ${productColumns('product', 'category')}
    FROM unnest($1::text[]) AS asked (sku)
    LEFT JOIN LATERAL (
      SELECT * FROM products WHERE products.sku = asked.sku OFFSET 0
    ) AS product ON true
    LEFT JOIN categories AS category ON category.id = product.category_id`;

const categoriesText = 'SELECT id FROM categories WHERE id = ANY($1::int[])';
