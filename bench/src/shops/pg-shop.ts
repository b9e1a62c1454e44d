import { ProductTable } from './product-table.ts';
import { serveShop } from './serve-shop.ts';

// No cache, and the quickest way to PostgreSQL.
await serveShop(async ({ databaseUrl }, count) => {
  const table = new ProductTable(databaseUrl, count);
  return {
    byId: async (id) => table.byId(id),
    byCategory: async (categoryId, limit) => {
      const ids = await table.idsOfCategory(categoryId, limit);
      const products = await Promise.all(ids.map(async (id) => table.byId(id)));
      return products.filter((product) => product !== null);
    },
    updatePrice: async (id, price) => table.updatePrice(id, price),
  };
});
