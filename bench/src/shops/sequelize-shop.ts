import { SequelizeCatalogue } from './sequelize-catalogue.ts';
import { serveShop } from './serve-shop.ts';

// No cache, and the way to PostgreSQL that most projects take.
await serveShop(async ({ databaseUrl }, count) => {
  const catalogue = new SequelizeCatalogue(databaseUrl, count);
  return {
    byId: async (id) => catalogue.byId(id),
    byCategory: async (categoryId, limit) => catalogue.byCategory(categoryId, limit),
    updatePrice: async (id, price) => catalogue.updatePrice(id, price, async () => {}),
  };
});
