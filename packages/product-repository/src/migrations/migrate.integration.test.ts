import { expect, test } from 'vitest';
import { createTestDatabase } from '@throughline/local-stack/testing';
import { defineModels } from '../models/define-models.ts';
import { openSequelize } from '../models/open-sequelize.ts';
import { selectProducts } from '../statements/index.ts';
import { makeProduct, openTestCatalogue } from '../testing/test-catalogue.ts';
import { allMigrations } from './all-migrations.ts';
import { migrate } from './migrate.ts';
import type { Migration } from './migration.ts';

const all = [
  '0001-catalogue',
  '0002-write-through-epoch',
  '0003-write-through-bypass',
  '0004-idempotency-keys',
  '0005-write-through-outbox',
  '0006-search-vector',
  '0007-product-changes',
];

test('processes that start at once migrate once, and all return with the schema in place', async () => {
  await using database = await createTestDatabase();
  const processes = Array.from({ length: 4 }, () =>
    openSequelize({ databaseUrl: database.url, poolMax: 1 }),
  );
  const messages: string[] = [];
  const ran = await Promise.all(
    processes.map(async (sequelize) => {
      const names = await migrate(sequelize, { log: (message) => messages.push(message) });
      await sequelize.query('SELECT FROM products, product_images, write_through_epochs');
      return names;
    }),
  );
  expect(ran.filter((names) => names.length > 0)).toEqual([all]);
  expect(messages).toEqual(all.map((name) => `Migrated the database: ${name}.`));
  await Promise.all(processes.map((sequelize) => sequelize.close()));
});

test('a migration that fails leaves no trace and no lock', async () => {
  await using database = await createTestDatabase();
  const sequelize = openSequelize({ databaseUrl: database.url, poolMax: 2 });
  // Stands in the way of the last statement of all.
  await sequelize.query('CREATE VIEW product_images AS SELECT 1 AS id');
  await expect(migrate(sequelize)).rejects.toThrow('product_images');
  const [tables] = await sequelize.query(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace`,
  );
  expect(tables).toEqual([{ name: 'product_images' }]);
  await sequelize.query('DROP VIEW product_images');
  expect(await migrate(sequelize)).toEqual(all);
  await sequelize.close();
});

test('the models name exactly the columns that the migrations made', async () => {
  await using catalogue = await openTestCatalogue();
  const { Category, Product, ProductImage } = defineModels(catalogue.sequelize);
  const models = {
    categories: Category.getAttributes(),
    products: Product.getAttributes(),
    product_images: ProductImage.getAttributes(),
  };
  for (const [table, attributes] of Object.entries(models)) {
    const columns = await catalogue.sequelize.getQueryInterface().describeTable(table);
    // Made by a trigger, and of no use outside PostgreSQL.
    delete columns['search_vector'];
    const fields = Object.values(attributes).map((attribute) => attribute.field);
    expect(new Set(fields)).toEqual(new Set(Object.keys(columns)));
  }
});

test.for([
  ['a negative price', "'-0.01'", '1', '1', 'products_price_check'],
  ['a price that is no number', "'NaN'", '1', '1', 'products_price_check'],
  ['a negative stock', '1', '-1', '1', 'products_stock_check'],
  ['a version below 1', '1', '1', '0', 'products_version_check'],
  ['an unknown category', '1', '1', '1', 'products_category_id_fkey'],
])('the schema refuses %s', async ([, price, stock, version, constraint]) => {
  await using catalogue = await openTestCatalogue();
  const db = await catalogue.connect();
  const insert = db.query(
    `INSERT INTO products (sku, name, price, stock, version, category_id)
     VALUES ('s', 'n', ${price}, ${stock}, ${version}, 1)`,
  );
  await expect(insert).rejects.toMatchObject({ constraint });
});

test('the search vector is always that of name, SKU and description, whoever writes what', async () => {
  await using catalogue = await openTestCatalogue();
  const db = await catalogue.connect();
  await db.query(`INSERT INTO categories (id, name, slug) VALUES (1, 'Lamps', 'lamps')`);
  const found = async (word: string) => {
    const text = `SELECT count(*)::int AS count FROM products
                   WHERE search_vector @@ plainto_tsquery('english', $1)`;
    const { rows } = await db.query<{ count: number }>(text, [word]);
    return rows[0]?.count;
  };
  await db.query(
    `INSERT INTO products (sku, name, description, price, category_id)
     VALUES ('SKU-1', 'Old', 'shining', 1, 1)`,
  );
  expect(await Promise.all(['old', 'shining', 'SKU-1'].map(found))).toEqual([1, 1, 1]);
  await db.query(`UPDATE products SET price = 2, view_count = view_count + 1`);
  expect(await Promise.all(['old', 'shining', 'SKU-1'].map(found))).toEqual([1, 1, 1]);
  await db.query(`UPDATE products SET name = 'New', sku = 'CODE-2', description = 'glowing'`);
  expect(await Promise.all(['old', 'shining', 'SKU-1'].map(found))).toEqual([0, 0, 0]);
  expect(await Promise.all(['new', 'glowing', 'CODE-2'].map(found))).toEqual([1, 1, 1]);
  await db.query(`UPDATE products SET search_vector = ''`);
  expect(await Promise.all(['new', 'glowing', 'CODE-2'].map(found))).toEqual([1, 1, 1]);
});

test('a migration outside a transaction runs once though many start at once, and again if it failed half way', async () => {
  await using database = await createTestDatabase();
  const processes = Array.from({ length: 4 }, () =>
    openSequelize({ databaseUrl: database.url, poolMax: 2 }),
  );
  let isBroken = true;
  const indexed: Migration = {
    name: '9998-products-stock-index',
    isOutsideTransaction: true,
    up: async (db) => {
      const query = async (text: string) => db.query({ text, values: [] });
      await query('DROP INDEX CONCURRENTLY IF EXISTS products_stock_idx');
      await query('CREATE INDEX CONCURRENTLY products_stock_idx ON products (stock)');
      if (isBroken) throw new Error('the process dies');
    },
  };
  const added: Migration = {
    name: '9999-products-note',
    up: async (db) => {
      await db.query({ text: 'ALTER TABLE products ADD COLUMN note text', values: [] });
    },
  };
  const migrations = [...allMigrations, indexed, added];
  const [first] = processes;
  await expect(first && migrate(first, { migrations })).rejects.toThrow('the process dies');
  isBroken = false;
  const ran = await Promise.all(
    processes.map(async (sequelize) => migrate(sequelize, { migrations })),
  );
  expect(ran.flat()).toEqual([indexed.name, added.name]);
  const [indexes] =
    (await first?.query(
      `SELECT indisvalid FROM pg_index WHERE indexrelid = 'products_stock_idx'::regclass`,
    )) ?? [];
  expect(indexes).toEqual([{ indisvalid: true }]);
  await Promise.all(processes.map((sequelize) => sequelize.close()));
});

test('a release starts on a database that a later one has migrated, says so, and changes and reads products as before', async () => {
  await using catalogue = await openTestCatalogue();
  const { sequelize } = catalogue;
  await sequelize.query(`
    ALTER TABLE products ADD COLUMN brand text NOT NULL DEFAULT '';
    CREATE TABLE brands (name text PRIMARY KEY);
    INSERT INTO schema_migrations (name) VALUES ('9999-brands')`);
  const messages: string[] = [];
  expect(await migrate(sequelize, { log: (message) => messages.push(message) })).toEqual([]);
  expect(messages).toEqual(['The database has migrations of a later release: 9999-brands.']);
  const db = await catalogue.connect();
  const { id } = await makeProduct(db);
  const outside = await catalogue.connectOutside();
  await outside.query(`UPDATE products SET brand = 'Ikea' WHERE id = $1`, [id]);
  const read = await selectProducts(db, [id]);
  expect(read.get(id)).toMatchObject({ id, version: 2 });
});
