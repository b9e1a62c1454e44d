import fc from 'fast-check';
import pg from 'pg';
import { z } from 'zod';
import { hostileText, hostileValue } from './hostile-values.ts';
import { jsonText } from './json-text.ts';
import type { Hints } from './near-schema.ts';

const [categories, products, untouched] = [5, 60, 10];
/** Nobody draws these ids, so no input has a right to change what they name. */
const untouchedFrom = 1_234_567_001;

export const untouchedIds = Array.from({ length: untouched }, (_, index) => untouchedFrom + index);

/** What stands in a freshly migrated database that inputs may read, change and delete. */
export async function createCatalogue(databaseUrl: string): Promise<void> {
  await atPostgres(databaseUrl, async (client) => {
    await client.query(`
      INSERT INTO categories (name, slug) SELECT 'Category ' || n, 'category-' || n FROM generate_series(1, ${categories}) n;
      INSERT INTO products (sku, name, description, price, stock, category_id)
        SELECT 'SKU-' || n, 'Lamp ' || n, 'It shines.', n + 0.99, 100, 1 + n % ${categories} FROM generate_series(1, ${products}) n;
      INSERT INTO categories (id, name, slug) VALUES (${untouchedFrom}, 'Untouched', 'untouched');
      INSERT INTO products (id, sku, name, price, stock, category_id)
        SELECT ${untouchedFrom} + n, 'UNTOUCHED-' || n, 'Vase ' || n, 5, 7, ${untouchedFrom} FROM generate_series(0, ${untouched - 1}) n;
      INSERT INTO product_images (product_id, url, alt, position)
        SELECT id, 'https://localhost/vase.png', 'A vase', 0 FROM products WHERE id >= ${untouchedFrom}`);
  });
}

const id = fc.integer({ min: 1, max: products + 40 });
const limit = fc.integer({ min: 1, max: 20 });

/** Values that name what there is, so that inputs reach what is behind the schema; and positions that nobody gave. */
export const hints: Hints = {
  id,
  ids: fc.array(id, { minLength: 1, maxLength: 100 }),
  categoryId: fc.integer({ min: 1, max: categories + 2 }),
  expectedVersion: fc.integer({ min: 1, max: 4 }),
  limit,
  sample: limit,
  delta: fc.integer({ min: -20, max: 20 }),
  query: fc.constantFrom('lamp', 'la', 'lamp 1', 'shines', 'nothing'),
  key: fc.oneof(
    id.map((n) => `product:${n}`),
    fc.constantFrom('category:1', 'category:2147483647', 'categories:all', 'product:2147483648'),
  ),
  cursor: fc.oneof(position('name'), position('rank'), hostileText),
};

/** In the form of the positions that cursors hold, or nearly. */
function position(field: 'name' | 'rank'): fc.Arbitrary<string> {
  const own: fc.Arbitrary<unknown> =
    field === 'name' ? fc.constant('Lamp 1') : fc.double({ noNaN: true });
  return fc
    .record({
      [field]: fc.oneof(own, hostileValue),
      id: fc.oneof({ weight: 3, arbitrary: id }, hostileValue),
    })
    .map((value) => Buffer.from(jsonText(value)).toString('base64url'));
}

/** What no input may have changed: the untouched rows, and all that the schema consists of. */
export async function untouchedState(databaseUrl: string): Promise<string> {
  return atPostgres(databaseUrl, async (client) => {
    const { rows } = await client.query<Record<string, unknown>>(`
      SELECT 'row' AS kind, to_jsonb(p) - 'view_count' || jsonb_build_object('images', (SELECT jsonb_agg(i ORDER BY i.id) FROM product_images i WHERE product_id = p.id)) AS of
        FROM products p WHERE id >= ${untouchedFrom} AND id < ${untouchedFrom} + ${untouched}
      UNION ALL SELECT 'category', to_jsonb(c) FROM categories c WHERE id = ${untouchedFrom}
      UNION ALL SELECT 'column', to_jsonb(c) FROM (SELECT table_schema, table_name, column_name, data_type, is_nullable FROM information_schema.columns
        WHERE table_schema NOT IN ('pg_catalog', 'information_schema')) c
      UNION ALL SELECT 'constraint', to_jsonb(c) FROM (SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace) c
      UNION ALL SELECT 'trigger', to_jsonb(t) FROM (SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger) t
      UNION ALL SELECT 'function', to_jsonb(f) FROM (SELECT proname, md5(prosrc) FROM pg_proc WHERE pronamespace = 'public'::regnamespace) f
      UNION ALL SELECT 'role', to_jsonb(r) FROM (SELECT rolname, rolsuper FROM pg_roles) r
      UNION ALL SELECT 'migration', to_jsonb(m) FROM schema_migrations m`);
    return rows
      .map((row) => JSON.stringify(row))
      .sort()
      .join('\n');
  });
}

const contentSchema = z.array(z.object({ id: z.number() }));

/** Rows that break what the schema of the service promises of them. */
export async function brokenRows(databaseUrl: string): Promise<readonly number[]> {
  return atPostgres(databaseUrl, async (client) => {
    const { rows } = await client.query<Record<string, unknown>>(`
      SELECT id FROM products WHERE btrim(sku) = '' OR btrim(name) = '' OR length(sku) > 64 OR length(name) > 200
        OR length(description) > 10000 OR price NOT BETWEEN 0 AND 9999999999.99 OR stock < 0 OR version < 1 ORDER BY id`);
    return contentSchema.parse(rows).map((row) => row.id);
  });
}

async function atPostgres<Result>(
  databaseUrl: string,
  run: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return await run(client);
  } finally {
    await client.end();
  }
}
