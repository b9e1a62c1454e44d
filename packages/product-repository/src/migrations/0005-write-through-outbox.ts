import { isOutsideSql, outboxTableSql } from '@throughline/write-through/postgres';
import { currentSchema } from './current-schema.ts';
import type { Migration } from './migration.ts';

/**
 * Notices what changes the catalogue past the service: psql, an import, another program. Its transactions do
 * not carry the mark of our writers. Whatever part of a product's answer they change, the product's version
 * grows by one, and the keys of the entries concerned are left in the outbox of the cache's engine.
 *
 * A version must never come back for one id, or a late publication could win over a newer row. So a product
 * keeps its id, and `deleted_products` remembers at which version each was deleted, by whomever: one that is
 * inserted again goes on counting.
 *
 * Where a name is copied into other rows' answers, whoever enters a category locks it against a rename until
 * COMMIT, as our own writers do: so the rename either sees the product or is seen by it. A transaction with one
 * snapshot for all (REPEATABLE READ) cannot see it, so its rename concerns everything.
 *
 * The functions run with the rights of the schema's owner, for other programs need none on the outbox.
 */
export const writeThroughOutbox: Migration = {
  name: '0005-write-through-outbox',
  up: async (db) => {
    const schema = await currentSchema(db);
    const texts = [
      outboxTableSql,
      deletedProducts,
      bumpProduct,
      statementFunction(schema, 'products', productsBody),
      statementFunction(schema, 'product_images', imagesBody),
      statementFunction(schema, 'categories', categoriesBody),
      statementFunction(
        schema,
        'truncate',
        `INSERT INTO write_through_outbox (key) VALUES (NULL);`,
      ),
      bumpTrigger,
      ...['products', 'product_images', 'categories'].flatMap(triggers),
    ];
    for (const text of texts) await db.query({ text, values: [] });
  },
};

const deletedProducts = `
  CREATE TABLE deleted_products (
    id integer NOT NULL,
    version integer NOT NULL,
    CONSTRAINT deleted_products_pkey PRIMARY KEY (id)
  )`;

/**
 * Compares the bytes of all columns but the count of views, so a column that is added later counts too. The
 * search vector follows from others, and is not computed yet when this runs.
 */
const bumpProduct = `
  CREATE FUNCTION write_through_bump_product() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE
    compared record := NEW;
  BEGIN
    IF NEW.id <> OLD.id THEN
      RAISE EXCEPTION 'a product keeps its id: insert it anew and delete the old one'
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    compared.view_count := OLD.view_count;
    compared.search_vector := OLD.search_vector;
    IF compared *<> OLD THEN
      NEW.version := OLD.version + 1;
      NEW.updated_at := greatest(clock_timestamp(), OLD.updated_at);
    END IF;
    RETURN NEW;
  END $$`;

const bumpTrigger = `
  CREATE TRIGGER write_through_bump BEFORE UPDATE ON products
    FOR EACH ROW WHEN (${isOutsideSql}) EXECUTE FUNCTION write_through_bump_product()`;

/**
 * Sees each statement once, with all rows that it changed. Keys are joined and never looped over: the plan that a
 * session made for one row is the one that it uses for a million.
 */
const productsBody = `
  IF TG_OP = 'INSERT' THEN
    ids := ARRAY(SELECT id FROM new_rows);
    PERFORM FROM categories
      WHERE id = ANY(ARRAY(SELECT category_id FROM new_rows)) ORDER BY id FOR SHARE;
    IF EXISTS (SELECT FROM deleted_products WHERE id = ANY(ids)) THEN
      PERFORM set_config('write_through.writer', 'outbox', true);
      UPDATE products SET version = deleted.version + 1
        FROM (SELECT id, version FROM deleted_products WHERE id = ANY(ids)) AS deleted
       WHERE products.id = ANY(ids) AND products.id = deleted.id
         AND products.version <= deleted.version;
      PERFORM set_config('write_through.writer', '', true);
    END IF;
    INSERT INTO write_through_outbox (key)
      SELECT 'product:' || id FROM new_rows
       UNION ALL
      SELECT DISTINCT 'category:' || category_id FROM new_rows;
  ELSIF TG_OP = 'UPDATE' THEN
    ids := ARRAY(SELECT DISTINCT new_rows.category_id FROM new_rows JOIN old_rows USING (id)
                  WHERE new_rows.category_id <> old_rows.category_id);
    PERFORM FROM categories WHERE id = ANY(ids) ORDER BY id FOR SHARE;
    INSERT INTO write_through_outbox (key)
      WITH changed AS MATERIALIZED (
        SELECT new_rows.id, old_rows.category_id AS old_id, new_rows.category_id AS new_id,
               (old_rows.category_id, old_rows.name) <> (new_rows.category_id, new_rows.name)
                 AS is_placed
          FROM new_rows JOIN old_rows USING (id)
         WHERE new_rows.version <> old_rows.version
      )
      SELECT 'product:' || id FROM changed
       UNION ALL
      SELECT DISTINCT 'category:' || unnest(ARRAY[old_id, new_id]) FROM changed WHERE is_placed;
  ELSE
    INSERT INTO deleted_products SELECT id, version + 1 FROM old_rows
      ON CONFLICT (id) DO UPDATE SET version = greatest(deleted_products.version, excluded.version);
    IF ${isOutsideSql} THEN
      INSERT INTO write_through_outbox (key)
        SELECT 'product:' || id FROM old_rows
         UNION ALL
        SELECT DISTINCT 'category:' || category_id FROM old_rows;
    END IF;
  END IF;`;

/**
 * Products that are gone are not there to be counted up: their images went with them. With one snapshot for all,
 * a new image may belong to a product that cannot be seen.
 */
const imagesBody = `
  IF TG_OP <> 'INSERT' THEN
    ids := ARRAY(SELECT product_id FROM old_rows);
  END IF;
  IF TG_OP <> 'DELETE' THEN
    ids := ids || ARRAY(SELECT product_id FROM new_rows);
    IF current_setting('transaction_isolation') <> 'read committed' AND EXISTS (
      SELECT product_id FROM new_rows EXCEPT SELECT id FROM products WHERE id = ANY(ids)
    ) THEN
      INSERT INTO write_through_outbox (key) VALUES (NULL);
    END IF;
  END IF;
  ${bumpSql('id = ANY(ids)')}`;

const categoriesBody = `
  IF TG_OP = 'UPDATE' THEN
    ids := ARRAY(SELECT id FROM new_rows JOIN old_rows USING (id)
                  WHERE (new_rows.name, new_rows.slug) <> (old_rows.name, old_rows.slug));
    ${bumpSql('category_id = ANY(ids)')}
    IF current_setting('transaction_isolation') <> 'read committed' AND ids <> '{}' THEN
      INSERT INTO write_through_outbox (key) VALUES (NULL);
    END IF;
    ids := ids || ARRAY(SELECT id FROM new_rows EXCEPT SELECT id FROM old_rows)
               || ARRAY(SELECT id FROM old_rows EXCEPT SELECT id FROM new_rows);
  ELSIF TG_OP = 'INSERT' THEN
    ids := ARRAY(SELECT id FROM new_rows);
  ELSE
    ids := ARRAY(SELECT id FROM old_rows);
  END IF;
  INSERT INTO write_through_outbox (key)
    SELECT 'category:' || unnest(ids)
     UNION ALL
    SELECT 'categories:all' WHERE ids <> '{}';`;

/** Rows are locked in the order of their ids, as by the flush of view counts: so the two cannot deadlock. */
function bumpSql(condition: string): string {
  return `
    PERFORM FROM products WHERE ${condition} ORDER BY id FOR NO KEY UPDATE;
    UPDATE products SET version = version + 1 WHERE ${condition};`;
}

function statementFunction(schema: string, table: string, body: string): string {
  return `
  CREATE FUNCTION write_through_${table}_changed() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = ${schema}, pg_temp SET enable_nestloop = off AS $$
  DECLARE
    ids integer[] := '{}';
  BEGIN
    ${body}
    RETURN NULL;
  END $$`;
}

const transitions = {
  INSERT: 'NEW TABLE AS new_rows',
  UPDATE: 'OLD TABLE AS old_rows NEW TABLE AS new_rows',
  DELETE: 'OLD TABLE AS old_rows',
};

function triggers(table: string): string[] {
  const changes = Object.entries(transitions).map(([event, transition]) => {
    // Deletions are remembered whoever deletes.
    const condition = table === 'products' && event === 'DELETE' ? '' : `WHEN (${isOutsideSql})`;
    return `
    CREATE TRIGGER write_through_${event.toLowerCase()} AFTER ${event} ON ${table}
      REFERENCING ${transition} FOR EACH STATEMENT ${condition}
      EXECUTE FUNCTION write_through_${table}_changed()`;
  });
  return [
    ...changes,
    `
    CREATE TRIGGER write_through_truncate AFTER TRUNCATE ON ${table}
      FOR EACH STATEMENT EXECUTE FUNCTION write_through_truncate_changed()`,
  ];
}
