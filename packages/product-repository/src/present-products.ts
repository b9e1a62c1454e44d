import type { CachedRecords, EntryChange, PresentRecords } from '@throughline/write-through';
import type { Queryable } from '@throughline/write-through/postgres';
import { cacheKeySchema } from './cache-admin.ts';
import type { Product } from './product.ts';
import { type PresentProduct, selectPresentProducts } from './statements/index.ts';

/** What the entries hold whose keys were found in the outbox: products do, lists are only dropped. */
export function presentProducts(
  products: Pick<CachedRecords<number, Product>, 'changedTo' | 'removedAt' | 'withheldAt'>,
): PresentRecords<Queryable> {
  return async (db, keys) => {
    const ids = keys.flatMap((key) => productIdOf(key) ?? []);
    if (ids.length === 0) return [];
    const present = await selectPresentProducts(db, ids);
    return present.map((one) => changeOf(one));
  };

  function changeOf(present: PresentProduct): EntryChange {
    switch (present.type) {
      case 'stored': {
        const { id, product } = present;
        return products.changedTo(id, { version: product.version, value: product });
      }
      case 'deleted':
        return products.removedAt(present.id, present.version);
      case 'unreadable':
        return products.withheldAt(present.id, present.version);
    }
  }
}

function productIdOf(text: string): number | undefined {
  const { data: key } = cacheKeySchema.safeParse(text);
  return key?.namespace === 'product' ? key.id : undefined;
}
