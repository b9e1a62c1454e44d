import type { AdjustStock, Product } from '../product.ts';
import { changeProduct, productChangeStatement } from './change-product.ts';
import type { Connection } from './queryable.ts';

export type AdjustStockResult =
  | { readonly type: 'updated'; readonly product: Product }
  | { readonly type: 'missing' }
  | { readonly type: 'version-conflict'; readonly currentVersion: number }
  /** Less in stock than the change would take away. */
  | { readonly type: 'insufficient'; readonly stock: number }
  /** More than the column can hold. */
  | { readonly type: 'too-large'; readonly stock: number };

export async function adjustStock(db: Connection, input: AdjustStock): Promise<AdjustStockResult> {
  const { id, expectedVersion, delta } = input;
  const result = await changeProduct(db, statement, { id, expectedVersion, values: [delta] });
  switch (result.type) {
    case 'changed':
      return { type: 'updated', product: result.product };
    case 'refused':
      return {
        type: delta < 0 ? 'insufficient' : 'too-large',
        stock: result.locked.stock,
      };
    case 'missing':
    case 'version-conflict':
      return result;
  }
}

/** The sum is taken as bigint, so that one beyond the column is a refusal and not an error. */
const statement = productChangeStatement({
  name: 'adjust_stock',
  set: 'stock = product.stock + $3::int',
  condition: 'product.stock::bigint + $3::int BETWEEN 0 AND 2147483647',
});
