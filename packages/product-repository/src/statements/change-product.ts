import { answerOf } from '@throughline/write-through/postgres';
import { z } from 'zod';
import { productSchema, type Product } from '../product.ts';
import { returnedColumns } from './product-columns.ts';
import type { Connection, Queryable } from './queryable.ts';
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
 * Locks the product, checks the expected version and the statement's condition, changes it and reads it back, in one
 * round trip. It wants a transaction at READ COMMITTED.
 *
 * The lock is a statement of its own, because a row that was waited for is the latest, but everything else in its
 * statement is as it was when that began. Every change of an image or of a category's name locks the product, so
 * the second statement sees the latest of all that its answer shows.
 */
export async function changeProduct(
  db: Connection,
  statement: ProductChangeStatement,
  { id, expectedVersion, values }: ProductChangeInput,
): Promise<ProductChangeResult> {
  const [locking, changing] = await db.queryAll([
    { ...lockStatement, values: [id] },
    { ...statement, values: [id, expectedVersion ?? null, ...values] },
  ]);
  const before = answerOf(locking).rows[0];
  const after = answerOf(changing).rows[0];
  if (before === undefined) {
    if (after === undefined) return { type: 'missing' };
    throw new Error(`Product ${id} came back while it was waited for.`);
  }
  const locked = lockedSchema.parse(before);
  if (after !== undefined) return { type: 'changed', locked, product: productSchema.parse(after) };
  return expectedVersion !== undefined && locked.version !== expectedVersion
    ? { type: 'version-conflict', currentVersion: locked.version }
    : { type: 'refused', locked };
}

/** A product that this transaction has changed, in a new snapshot. */
export async function readBack(db: Queryable, id: number): Promise<Product> {
  const product = (await selectProducts(db, [id])).get(id);
  if (product === undefined) throw new Error(`Product ${id} vanished while it was locked.`);
  return product;
}

/** `set` and `condition` may use `product`, the row before the change. */
export function productChangeStatement(parts: {
  readonly name: string;
  readonly set: string;
  readonly condition: string;
}): ProductChangeStatement {
  return { name: parts.name, text: changeText(parts.set, parts.condition) };
}

const lockStatement = {
  name: 'lock_product',
  text: `SELECT version, price::text AS price, stock
           FROM products WHERE id = $1::int FOR NO KEY UPDATE`,
};

const lockedSchema = z.object({ version: z.int(), price: z.string(), stock: z.int() });

/** `updated_at` never goes back while the version grows, not even when the clock does. */
function changeText(set: string, condition: string): string {
  return `
  UPDATE products AS product
     SET ${set},
         version = product.version + 1,
         updated_at = greatest(clock_timestamp(), product.updated_at)
   WHERE product.id = $1::int
     AND ($2::int IS NULL OR product.version = $2::int)
     AND ${condition}
  RETURNING ${returnedColumns('product')}`;
}
