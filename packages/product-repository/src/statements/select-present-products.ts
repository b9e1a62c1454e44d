import { z } from 'zod';
import { id, integerMax } from '../scalars.ts';
import { productSchema, type Product } from '../product.ts';
import { productColumns } from './product-columns.ts';
import type { Queryable } from './queryable.ts';

/** A product at its version. `deleted`: that of the deletion. `unreadable`: its row is no product of ours. */
export type PresentProduct =
  | { readonly type: 'stored'; readonly id: number; readonly product: Product }
  | { readonly type: 'deleted' | 'unreadable'; readonly id: number; readonly version: number };

/**
 * Each of the products that there is or was, from one snapshot. A row that does not pass the schema, as another
 * program may have written it, is told as such, so that it does not hide the others.
 */
export async function selectPresentProducts(
  db: Queryable,
  ids: readonly number[],
): Promise<PresentProduct[]> {
  const { rows } = await db.query({ name: 'select_present_products', text, values: [ids] });
  return rows.map((row): PresentProduct => {
    const { askedId, isStored, knownVersion: version } = rowSchema.parse(row);
    if (!isStored) return { type: 'deleted', id: askedId, version };
    const { data: product } = productSchema.safeParse(row);
    if (product === undefined) return { type: 'unreadable', id: askedId, version };
    return { type: 'stored', id: askedId, product };
  });
}

const rowSchema = z.object({
  askedId: id,
  isStored: z.boolean(),
  knownVersion: z.int().min(1).max(integerMax),
});

const text = `
  SELECT asked.id AS "askedId",
         product.id IS NOT NULL AS "isStored",
         coalesce(product.version, deleted.version) AS "knownVersion",
         ${productColumns('product', 'category')}
    FROM unnest($1::int[]) AS asked (id)
    LEFT JOIN products AS product ON product.id = asked.id
    LEFT JOIN categories AS category ON category.id = product.category_id
    LEFT JOIN deleted_products AS deleted ON deleted.id = asked.id AND product.id IS NULL
   WHERE product.id IS NOT NULL OR deleted.id IS NOT NULL`;
