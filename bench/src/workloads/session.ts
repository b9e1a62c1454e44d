import { anyPrice, batchOf, byId, type Call, page, updatePrice } from './calls.ts';
import { zipf } from './zipf.ts';

/** What visitors of a shop ask for: mostly single products, few of them often; a page, a basket, now and then a new price. */
export function sessionOf(products: number): () => Call {
  const draw = zipf(products);
  return () => {
    const chance = Math.random();
    if (chance < 0.02) return updatePrice(draw(), anyPrice());
    if (chance < 0.12) return page(1, 20);
    if (chance < 0.32) return batchOf(Array.from({ length: 5 }, draw));
    return byId(draw());
  };
}
