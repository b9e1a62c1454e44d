import type { Product, UpdatePrice } from '../product.ts';
import { changeProduct, productChangeStatement } from './change-product.ts';
import type { Connection } from './queryable.ts';

export type UpdatePriceResult =
  | { readonly type: 'updated'; readonly product: Product; readonly oldPrice: string }
  | { readonly type: 'missing' }
  | { readonly type: 'version-conflict'; readonly currentVersion: number };

/** `oldPrice` is the one this change replaced, whoever else changes the price at the same time. */
export async function updatePrice(db: Connection, input: UpdatePrice): Promise<UpdatePriceResult> {
  const { id, expectedVersion, price } = input;
  const result = await changeProduct(db, statement, { id, expectedVersion, values: [price] });
  switch (result.type) {
    case 'changed':
      return { type: 'updated', product: result.product, oldPrice: result.locked.price };
    case 'refused':
      throw new Error(`The price of product ${id} was neither changed nor refused.`);
    case 'missing':
    case 'version-conflict':
      return result;
  }
}

const statement = productChangeStatement({
  name: 'update_price',
  set: 'price = $3::numeric',
  condition: 'true',
});
