import type { Product } from '@throughline/product-repository';
import { createClient } from 'redis';
import { storedKey } from '../stored-answers.ts';
import { serveShop } from './serve-shop.ts';

// A hit as cheap as a procedure can make it: GET and JSON.parse. It only reads.
await serveShop(async ({ redisUrl }) => {
  const redis = createClient({ url: redisUrl });
  await redis.connect();
  return {
    byId: async (id) => {
      const json = await redis.get(storedKey(id));
      if (json === null) return null;
      const product: Product = JSON.parse(json);
      return product;
    },
    byCategory: notServed,
    updatePrice: notServed,
  };
});

async function notServed(): Promise<never> {
  throw new Error('This variant answers product.byId alone.');
}
