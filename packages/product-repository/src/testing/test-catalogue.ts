import type { Sequelize } from 'sequelize';
import { createTestDatabase } from '@throughline/local-stack/testing';
import { HeardClient } from '@throughline/write-through/postgres';
import { migrate } from '../migrations/migrate.ts';
import { openSequelize } from '../models/open-sequelize.ts';
import type { CreateProduct, Product } from '../product.ts';
import { insertCategory, nextCategoryId } from '../statements/categories.ts';
import { insertProduct, nextProductId } from '../statements/insert-product.ts';
import type { Queryable } from '../statements/queryable.ts';

/** A migrated database of a test file's own, and connections to it. */
export interface TestCatalogue extends AsyncDisposable {
  readonly url: string;
  readonly sequelize: Sequelize;
  /** A connection whose transactions carry the mark of our writers; closed with the catalogue. */
  connect(): Promise<HeardClient>;
  /** A connection as of another program. */
  connectOutside(): Promise<HeardClient>;
}

export async function openTestCatalogue(): Promise<TestCatalogue> {
  const database = await createTestDatabase({ name: 'catalogue', prepare: migrateDatabase });
  const sequelize = openSequelize({ databaseUrl: database.url, poolMax: 4 });
  const clients: HeardClient[] = [];
  const connectOutside = async (): Promise<HeardClient> => {
    const client = new HeardClient(database.url);
    clients.push(client);
    await client.connect();
    return client;
  };
  return {
    url: database.url,
    sequelize,
    connectOutside,
    async connect() {
      const client = await connectOutside();
      await client.query("SET write_through.writer = 'test'");
      return client;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client.end()));
      await sequelize.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

async function migrateDatabase(url: string): Promise<void> {
  const sequelize = openSequelize({ databaseUrl: url, poolMax: 1 });
  try {
    await migrate(sequelize);
  } finally {
    await sequelize.close();
  }
}

let categoriesMade = 0;
let productsMade = 0;

export async function makeCategory(db: Queryable, name = 'Lamps'): Promise<number> {
  categoriesMade += 1;
  const slug = `category-${categoriesMade}`;
  return (await insertCategory(db, await nextCategoryId(db), { name, slug })).id;
}

/** A product of a category of its own, where the input names none. */
export async function makeProduct(
  db: Queryable,
  input: Partial<CreateProduct> = {},
): Promise<Product> {
  productsMade += 1;
  const result = await insertProduct(db, await nextProductId(db), {
    sku: `SKU-${productsMade}`,
    name: `Product ${productsMade}`,
    description: '',
    price: '10.00',
    stock: 10,
    categoryId: input.categoryId ?? (await makeCategory(db)),
    images: [],
    ...input,
  });
  if (result.type !== 'created') throw new Error(`The product was not created: ${result.type}.`);
  return result.product;
}

/** Commits what `run` did, or rolls it back when it throws. */
export async function inTransaction<Result>(
  db: HeardClient,
  run: (db: HeardClient) => Promise<Result>,
): Promise<Result> {
  await db.query('BEGIN ISOLATION LEVEL READ COMMITTED');
  try {
    const result = await run(db);
    await db.query('COMMIT');
    return result;
  } catch (err) {
    await db.query('ROLLBACK');
    throw err;
  }
}
