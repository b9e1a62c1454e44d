import { z } from 'zod';
import type { DeleteProduct } from '../product.ts';
import type { Queryable } from './queryable.ts';
import type { Placement } from './read-placement.ts';

export type DeleteProductResult =
  /** `version` is that of the deletion: one above the last the product had. */
  | { readonly type: 'deleted'; readonly version: number }
  | { readonly type: 'missing' }
  | { readonly type: 'version-conflict'; readonly currentVersion: number }
  /** The product was renamed or moved since its placement was read. */
  | { readonly type: 'outdated' };

/** Its images go with it. */
export async function deleteProduct(
  db: Queryable,
  { id, expectedVersion }: DeleteProduct,
  placement: Pick<Placement, 'name' | 'categoryId'>,
): Promise<DeleteProductResult> {
  const { rows } = await db.query({
    name: 'delete_product',
    text,
    values: [id, expectedVersion ?? null, placement.name, placement.categoryId],
  });
  const row = rows[0];
  if (row === undefined) return { type: 'missing' };
  const { lockedVersion, deleted } = rowSchema.parse(row);
  if (expectedVersion !== undefined && lockedVersion !== expectedVersion) {
    return { type: 'version-conflict', currentVersion: lockedVersion };
  }
  return deleted ? { type: 'deleted', version: lockedVersion + 1 } : { type: 'outdated' };
}

const rowSchema = z.object({ lockedVersion: z.int(), deleted: z.boolean() });

const text = `
  WITH locked AS (
    SELECT id, name, category_id, version FROM products WHERE id = $1::int FOR UPDATE
  ), deleted AS (
    DELETE FROM products AS product USING locked
     WHERE product.id = locked.id
       AND ($2::int IS NULL OR locked.version = $2::int)
       AND locked.name = $3::text AND locked.category_id = $4::int
    RETURNING product.id
  )
  SELECT locked.version AS "lockedVersion", deleted.id IS NOT NULL AS deleted
    FROM locked LEFT JOIN deleted ON true`;
