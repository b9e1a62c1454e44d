import type { Product } from '@throughline/product-repository';
import type { Peer, PeerOptions } from '../peers/peer.ts';
import { ProductTable } from './product-table.ts';
import { serveShop } from './serve-shop.ts';
import { lifeMs } from './shop.ts';

/** Serves a shop whose products are kept by a peer, over `pg`. */
export async function servePeer(
  open: (options: PeerOptions<Product | null>) => Peer<Product | null>,
): Promise<void> {
  await serveShop(async ({ databaseUrl, redisUrl }, count) => {
    const table = new ProductTable(databaseUrl, count);
    const peer = open({ redisUrl, lifeMs, load: async (id) => table.byId(id) });
    return {
      byId: async (id) => peer.read(id),
      byCategory: async (categoryId, limit) => {
        const ids = await table.idsOfCategory(categoryId, limit);
        const products = await Promise.all(ids.map(async (id) => peer.read(id)));
        return products.filter((product) => product !== null);
      },
      updatePrice: async (id, price) => {
        const product = await table.updatePrice(id, price);
        await peer.forget(id);
        return product;
      },
    };
  });
}
