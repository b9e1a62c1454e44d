import { createTestDatabase } from '@throughline/local-stack/testing';
import { HeardClient } from '@throughline/write-through/postgres';
import { describe, expect, test } from 'vitest';
import { openSequelize } from '../models/open-sequelize.ts';
import { openTableUsers } from '../testing/table-users.ts';
import { allMigrations } from './all-migrations.ts';
import { migrate, migrationLimits } from './migrate.ts';
import type { Migration } from './migration.ts';

const products = 200_000;
/** Whoever waits for a lock of a migration for longer fails the test. */
const lockMs = 1_000;
const [catalogue, ...later] = allMigrations;

describe('beside readers and writers of the first release, on 200,000 products,', () => {
  test('no migration holds up a statement for a second', { timeout: 120_000 }, async () => {
    await using opened = await openFirstRelease();
    await using users = await openTableUsers(opened.url, { products, lockMs });
    await users.more(20);
    for (let count = 2; count <= allMigrations.length; count += 1) {
      await migrate(opened.sequelize, { migrations: allMigrations.slice(0, count) });
      await users.more(20);
    }
    const { failures } = await users.stop();
    expect(failures).toEqual([]);
  });

  test(
    'one that writes the table anew does: the check can fail',
    { timeout: 120_000 },
    async () => {
      await using opened = await openFirstRelease();
      await using users = await openTableUsers(opened.url, { products, lockMs });
      await users.more(20);
      const writesAnew = migrationOf('ALTER TABLE products ALTER COLUMN stock TYPE bigint');
      await migrate(opened.sequelize, { migrations: [...allMigrations.slice(0, 1), writesAnew] });
      const { failures } = await users.stop();
      expect(failures).toContainEqual(expect.stringContaining('lock timeout'));
    },
  );
});

describe('a migration that waits for a long transaction', () => {
  test('lets everybody else through, and runs when that has ended', async () => {
    await using opened = await openFirstRelease(100);
    await using holder = await openHolder(opened.url);
    await using users = await openTableUsers(opened.url, { products: 99, lockMs });
    const { promise: waited, resolve } = Promise.withResolvers<void>();
    let waits = 0;
    const log = (message: string) => {
      if (message.startsWith('A migration waits') && (waits += 1) === 3) resolve();
    };
    const limits = { ...migrationLimits, pauseMs: 100 };
    const migrated = migrate(opened.sequelize, { log, limits });
    await waited;
    await users.more(20);
    await holder.end();
    expect(await migrated).toEqual(later.map(({ name }) => name));
    const { failures } = await users.stop();
    expect(failures).toEqual([]);
  });

  test('holds everybody up if it does not let go: the check can fail', async () => {
    await using opened = await openFirstRelease(100);
    await using holder = await openHolder(opened.url);
    await using users = await openTableUsers(opened.url, { products: 99, lockMs: 200 });
    const limits = { ...migrationLimits, lockMs: 0 };
    const migrated = migrate(opened.sequelize, { limits });
    await users.failed();
    const { failures } = await users.stop();
    await holder.end();
    await migrated;
    expect(failures).toContainEqual(expect.stringContaining('lock timeout'));
  });

  test('gives up in the end, with nothing changed', async () => {
    await using opened = await openFirstRelease(100);
    await using holder = await openHolder(opened.url);
    const limits = { ...migrationLimits, lockMs: 50, pauseMs: 10, triesMax: 3 };
    await expect(migrate(opened.sequelize, { limits })).rejects.toThrow('lock timeout');
    await holder.end();
    expect(await migrate(opened.sequelize)).toEqual(later.map(({ name }) => name));
  });
});

function migrationOf(text: string): Migration {
  return { name: '9999-new', up: async (db) => void (await db.query({ text, values: [] })) };
}

/** As the first migration left it, with products in it. */
async function openFirstRelease(count = products) {
  await using opening = new AsyncDisposableStack();
  const database = opening.use(
    await createTestDatabase({
      name: `first_release_${count}`,
      prepare: async (url) => fill(url, count),
    }),
  );
  const sequelize = openSequelize({ databaseUrl: database.url, poolMax: 2 });
  opening.defer(async () => sequelize.close());
  const opened = opening.move();
  const { url } = database;
  return { url, sequelize, [Symbol.asyncDispose]: async () => opened.disposeAsync() };
}

async function fill(url: string, count: number): Promise<void> {
  const sequelize = openSequelize({ databaseUrl: url, poolMax: 1 });
  await migrate(sequelize, { migrations: catalogue ? [catalogue] : [] });
  await sequelize.query(`
    INSERT INTO categories (id, name, slug) VALUES (1, 'Lamps', 'lamps');
    INSERT INTO products (id, sku, name, price, stock, category_id)
      SELECT id, 'SKU-' || id, 'Lamp ' || id, 10, 10, 1 FROM generate_series(1, ${count}) AS id;
    INSERT INTO product_images (product_id, url, position)
      SELECT id, 'https://images.example/' || id, 0 FROM products;
    ANALYZE`);
  await sequelize.close();
}

/** A transaction that has changed a product, which nobody else changes, and stays open. */
async function openHolder(url: string) {
  const db = new HeardClient(url);
  await db.connect();
  await db.query(`BEGIN; UPDATE products SET stock = 11 WHERE id = 100`);
  return {
    end: async () => void (await db.query('COMMIT')),
    [Symbol.asyncDispose]: async () => db.end(),
  };
}
