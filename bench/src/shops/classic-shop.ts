import type { Product } from '@throughline/product-repository';
import { createClient } from 'redis';
import { SequelizeCatalogue } from './sequelize-catalogue.ts';
import { serveShop } from './serve-shop.ts';
import { lifeMs } from './shop.ts';

// Write-through as it is usually written: SET within the transaction, then COMMIT; a read that finds nothing selects and
// SETs. It serves stale reads and loses updates, which the bench counts.
await serveShop(async ({ databaseUrl, redisUrl }, count) => {
  const catalogue = new SequelizeCatalogue(databaseUrl, count);
  const redis = createClient({ url: redisUrl });
  await redis.connect();
  const keep = async (product: Product): Promise<void> => {
    await redis.set(`product:${product.id}`, JSON.stringify(product), {
      expiration: { type: 'PX', value: lifeMs },
    });
  };
  const byId = async (id: number): Promise<Product | null> => {
    const json = await redis.get(`product:${id}`);
    if (json !== null) {
      const kept: Product = JSON.parse(json);
      return kept;
    }
    const product = await catalogue.byId(id);
    if (product !== null) await keep(product);
    return product;
  };
  return {
    byId,
    byCategory: async (categoryId, limit) => catalogue.byCategory(categoryId, limit),
    updatePrice: async (id, price) => catalogue.updatePrice(id, price, keep),
  };
});
