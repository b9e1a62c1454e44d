import { expect, test } from 'vitest';
import { dangersOf } from '../testing/migration-dangers.ts';
import { allMigrations } from './all-migrations.ts';
import type { Migration } from './migration.ts';

/** These were released before there were rules; what they do to 200,000 products is measured beside them. */
const first = '0005-write-through-outbox';

function migration(texts: string | readonly string[], outside?: 'outside'): Migration {
  return {
    name: '9999-new',
    ...(outside && { isOutsideTransaction: true }),
    up: async (db) => {
      for (const text of [texts].flat()) await db.query({ text, values: [] });
    },
  };
}

test('no migration of ours blocks readers or writers for long, or breaks the release before', async () => {
  const since = allMigrations.findIndex(({ name }) => name === first) + 1;
  expect(since).toBeGreaterThan(0);
  expect(await dangersOf(allMigrations.slice(since))).toEqual([]);
});

test.for([
  'CREATE INDEX products_sku_idx ON products (sku)',
  'CREATE UNIQUE INDEX ON products (sku)',
  'CREATE INDEX CONCURRENTLY products_sku_idx ON products (sku)',
  'ALTER TABLE products ALTER COLUMN stock TYPE bigint',
  'ALTER TABLE products ADD COLUMN note text, ALTER stock SET DATA TYPE bigint',
  'ALTER TABLE products ADD COLUMN token uuid DEFAULT gen_random_uuid()',
  'ALTER TABLE products ADD COLUMN seen timestamptz NOT NULL DEFAULT clock_timestamp()',
  'ALTER TABLE products ADD number bigserial',
  'ALTER TABLE products ADD COLUMN words tsvector GENERATED ALWAYS AS (to_tsvector(name)) STORED',
  'ALTER TABLE products ADD CONSTRAINT products_stock_low CHECK (stock < 1000000)',
  'ALTER TABLE products ADD FOREIGN KEY (brand_id) REFERENCES brands (id)',
  'ALTER TABLE products ADD CONSTRAINT products_name_key UNIQUE (name)',
  'ALTER TABLE products ALTER COLUMN note SET NOT NULL',
  'ALTER TABLE products DROP COLUMN description',
  'ALTER TABLE products RENAME COLUMN description TO text',
  'DROP TABLE product_images',
  'LOCK TABLE products',
  'VACUUM FULL products',
  'REINDEX TABLE products',
  'UPDATE products SET note = name',
])('a new migration may not say: %s', async (text) => {
  expect(await dangersOf([migration(text)])).not.toEqual([]);
});

test('an index is built concurrently, outside a transaction, and again from the start if that failed', async () => {
  const create = 'CREATE INDEX CONCURRENTLY products_sku_idx ON products (sku)';
  const drop = 'DROP INDEX CONCURRENTLY IF EXISTS products_sku_idx';
  expect(await dangersOf([migration([drop, create], 'outside')])).toEqual([]);
  expect(await dangersOf([migration([drop, create])])).not.toEqual([]);
  expect(await dangersOf([migration(create, 'outside')])).not.toEqual([]);
});

test('a column becomes NOT NULL by a check that was validated before, each in a migration of its own', async () => {
  const check = 'ALTER TABLE products ADD CONSTRAINT note_there CHECK (note IS NOT NULL) NOT VALID';
  const validate = 'ALTER TABLE products VALIDATE CONSTRAINT note_there';
  const setNotNull = 'ALTER TABLE products ALTER COLUMN note SET NOT NULL';
  const steps = [migration(check), migration(validate), migration(setNotNull)];
  expect(await dangersOf(steps)).toEqual([]);
  expect(await dangersOf([migration([check, validate]), migration(setNotNull)])).not.toEqual([]);
});

test.for([
  'ALTER TABLE products ADD COLUMN note text',
  `ALTER TABLE products ADD COLUMN note text NOT NULL DEFAULT ''`,
  'CREATE TABLE brands (id integer PRIMARY KEY, name text); CREATE INDEX brands_name_idx ON brands (name)',
  'CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN UPDATE products SET stock = 0; END $$',
  'UPDATE products SET note = name WHERE id BETWEEN 1 AND 1000',
])('a new migration may say: %s', async (text) => {
  expect(await dangersOf([migration(text)])).toEqual([]);
});
