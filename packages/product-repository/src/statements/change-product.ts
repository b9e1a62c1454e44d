import { z } from 'zod';
import { productSchema, type Product } from '../product.ts';
import { productColumns, storedColumns } from './product-columns.ts';
import type { Queryable } from './queryable.ts';
import { selectProducts } from './select-products.ts';

/** A statement that changes one product; its own values are numbered from $3. */
export interface ProductChangeStatement {
  readonly name: string;
  readonly text: string;
}

export interface ProductChangeInput {
  readonly id: number;
  readonly expectedVersion?: number | undefined;
  /** The statement's own values, from $3. */
  readonly values: readonly unknown[];
}

/** What the row held when it was locked, right before the change. */
export type LockedProduct = z.infer<typeof lockedSchema>;

export type ProductChangeResult =
  | { readonly type: 'missing' }
  | { readonly type: 'version-conflict'; readonly currentVersion: number }
  /** The version is as expected, but the statement's own condition does not hold. */
  | { readonly type: 'refused'; readonly locked: LockedProduct }
  | { readonly type: 'changed'; readonly locked: LockedProduct; readonly product: Product };

/**
 * Locks the product, checks the expected version and the statement's condition, changes it and reads it back,
 * in one statement. It wants a transaction at READ COMMITTED.
 *
 * The row that was waited for is the latest, but everything else in a statement is as it was when the
 * statement began. Every change of an image or of a category's name comes with a new version of the product;
 * if the version moved during the wait, they are read again in a new snapshot.
 */
export async function changeProduct(
  db: Queryable,
  statement: ProductChangeStatement,
  { id, expectedVersion, values }: ProductChangeInput,
): Promise<ProductChangeResult> {
  const { rows } = await db.query({
    ...statement,
    values: [id, expectedVersion ?? null, ...values],
  });
  const row = rows[0];
  if (row === undefined) return { type: 'missing' };
  const locked = lockedSchema.parse(row);
  if (expectedVersion !== undefined && locked.lockedVersion !== expectedVersion) {
    return { type: 'version-conflict', currentVersion: locked.lockedVersion };
  }
  if (!locked.changed) return { type: 'refused', locked };
  if (locked.lockedVersion === locked.snapshotVersion) {
    return { type: 'changed', locked, product: productSchema.parse(row) };
  }
  return { type: 'changed', locked, product: await readBack(db, id) };
}

/** A product that this transaction has locked or changed, in a new snapshot. */
export async function readBack(db: Queryable, id: number): Promise<Product> {
  const product = (await selectProducts(db, [id])).get(id);
  if (product === undefined) throw new Error(`Product ${id} vanished while it was locked.`);
  return product;
}

/** `set` and `condition` may use `locked`, the row before the change. */
export function productChangeStatement(parts: {
  readonly name: string;
  readonly set: string;
  readonly condition: string;
}): ProductChangeStatement {
  return { name: parts.name, text: changeText(parts.set, parts.condition) };
}

const lockedSchema = z.object({
  changed: z.boolean(),
  lockedVersion: z.int(),
  lockedPrice: z.string(),
  lockedStock: z.int(),
  snapshotVersion: z.int(),
});

/** `updated_at` never goes back while the version grows, not even when the clock does. */
function changeText(set: string, condition: string): string {
  return `
  WITH snapshot AS (
    SELECT version FROM products WHERE id = $1::int
  ), locked AS (
    SELECT id, name, price, stock, category_id, version FROM products WHERE id = $1::int
       FOR NO KEY UPDATE
  ), product AS (
    UPDATE products AS product
       SET ${set},
           version = product.version + 1,
           updated_at = greatest(clock_timestamp(), product.updated_at)
      FROM locked
     WHERE product.id = locked.id
       AND ($2::int IS NULL OR locked.version = $2::int)
       AND ${condition}
    RETURNING ${storedColumns('product')}
  )
  SELECT product.id IS NOT NULL AS changed,
         locked.version AS "lockedVersion",
         locked.price::text AS "lockedPrice",
         locked.stock AS "lockedStock",
         snapshot.version AS "snapshotVersion",
         ${productColumns('product', 'category')}
    FROM locked CROSS JOIN snapshot
    LEFT JOIN product ON true
    LEFT JOIN categories AS category ON category.id = product.category_id`;
}
