import {
  type CacheAdmin,
  openSequelize,
  type Product,
  type ProductService,
  productSchema,
  SequelizePool,
} from '@throughline/product-repository';
import type { OpenCatalogue } from '@throughline/server/catalogue';
import { main } from '@throughline/server/main';
import { type ConnectionPool, withConnection } from '@throughline/write-through/postgres';
import { updatePriceSql } from '../shops/product-table.ts';

// The same server, and its price update is the transaction alone: BEGIN, UPDATE … RETURNING, COMMIT.
const openDatabaseOnly: OpenCatalogue = async ({ config, instrument }) => {
  const { databaseUrl, databasePoolMax: poolMax } = config;
  const sequelize = openSequelize({ databaseUrl, poolMax, acquireTimeoutMs: 30_000 });
  const pool = new SequelizePool(sequelize);
  return {
    products: {
      ...unserved,
      updatePrice: async ({ id, price }) =>
        instrument({ name: 'updatePrice', kind: 'write' }, async () => ({
          outcome: 'none' as const,
          value: await updatePrice(pool, id, price),
        })),
    },
    admin: unservedAdmin,
    status: () => {
      throw new Error(refusal);
    },
    readings: () => undefined,
    ready: Promise.resolve(),
    endSubscriptions: () => {},
    ping: async () => {
      await withConnection(pool, async (db) => db.query({ text: 'SELECT 1' }));
    },
    [Symbol.asyncDispose]: async () => sequelize.close(),
  };
};

async function updatePrice(pool: ConnectionPool, id: number, price: string): Promise<Product> {
  return withConnection(pool, async (db) => {
    await db.query({ text: 'BEGIN' });
    const values = [id, price];
    const { rows } = await db.query({ name: 'update_price', text: updatePriceSql, values });
    await db.query({ text: 'COMMIT' });
    return productSchema.parse(rows[0]);
  });
}

const refusal = 'This variant updates prices, and nothing else.';
const refuse = async (): Promise<never> => {
  throw new Error(refusal);
};
const unserved: Omit<ProductService, 'updatePrice'> = {
  byId: refuse,
  byIds: refuse,
  byCategory: refuse,
  search: refuse,
  popular: refuse,
  create: refuse,
  update: refuse,
  adjustStock: refuse,
  upsertMany: refuse,
  delete: refuse,
  changes: refuse,
  categories: refuse,
  createCategory: refuse,
};
const unservedAdmin: CacheAdmin = {
  invalidate: refuse,
  reset: refuse,
  inspect: refuse,
  warm: () => {
    throw new Error(refusal);
  },
  verify: refuse,
};

await main(openDatabaseOnly);
