import { isOutsideSql } from '@throughline/write-through/postgres';
import { currentSchema } from './current-schema.ts';
import type { Migration } from './migration.ts';

/**
 * The log of every committed change of a product, whoever made it, for those who follow the catalogue.
 *
 * A change is noted by the transaction that makes it, in `product_changes_unnumbered`. Numbers of a sequence are drawn
 * before COMMIT, so a lower one may be seen after a higher one, and never where the transaction failed: whoever
 * remembers how far he has come would miss some. So a row is numbered once it is committed, in a
 * transaction of its own, by one process at a time, and goes to `product_changes`: there numbers have no gaps and
 * whoever sees one sees all before it.
 *
 * The rows of one product are numbered in the order of their versions. Each draws its id while it holds the product's
 * row, so ids follow versions; and whoever sees a commit sees those that it waited for.
 */
export const productChanges: Migration = {
  name: '0007-product-changes',
  up: async (db) => {
    const schema = await currentSchema(db);
    const texts = [...tables, noteFunction(schema), everythingFunction(schema), ...triggers];
    for (const text of texts) await db.query({ text, values: [] });
  },
};

/** Without a product, everything was changed. Rows are only added and removed at the ends, so they need little room. */
const columns = `
    product_id integer,
    version integer,
    is_deletion boolean NOT NULL DEFAULT false,
    category_id integer,
    previous_category_id integer,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp()`;

const tables = [
  `CREATE TABLE product_changes_unnumbered (
    id bigint GENERATED ALWAYS AS IDENTITY,
    ${columns},
    CONSTRAINT product_changes_unnumbered_pkey PRIMARY KEY (id)
  ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000)`,
  `CREATE TABLE product_changes (
    number bigint NOT NULL,
    ${columns},
    numbered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT product_changes_pkey PRIMARY KEY (number)
  ) WITH (autovacuum_vacuum_scale_factor = 0.05)`,
  // Its row is what those who number wait for.
  `CREATE TABLE product_changes_last (
    number bigint NOT NULL,
    is_only boolean NOT NULL DEFAULT true,
    CONSTRAINT product_changes_last_pkey PRIMARY KEY (is_only),
    CONSTRAINT product_changes_last_is_only_check CHECK (is_only)
  )`,
  'INSERT INTO product_changes_last (number) VALUES (0)',
];

/**
 * A product that another program brings back under an id that was deleted is given its version a moment later, by
 * `write_through_products_changed`, and noted then. One of ours, whose id another program has used and deleted while the
 * insertion waited for it, has not seen at which version: it takes another id. Other programs need no rights on the log.
 */
function noteFunction(schema: string): string {
  return `
  CREATE FUNCTION note_product_change() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = ${schema}, pg_temp AS $$
  BEGIN
    IF TG_OP = 'UPDATE' THEN
      INSERT INTO product_changes_unnumbered (product_id, version, category_id, previous_category_id)
      VALUES (NEW.id, NEW.version, NEW.category_id, nullif(OLD.category_id, NEW.category_id));
    ELSIF TG_OP = 'DELETE' THEN
      INSERT INTO product_changes_unnumbered (product_id, version, is_deletion, category_id)
      VALUES (OLD.id, OLD.version + 1, true, OLD.category_id);
    ELSIF NOT EXISTS (
      SELECT FROM deleted_products WHERE id = NEW.id AND version >= NEW.version
    ) THEN
      INSERT INTO product_changes_unnumbered (product_id, version, category_id)
      VALUES (NEW.id, NEW.version, NEW.category_id);
    ELSIF NOT (${isOutsideSql}) THEN
      RAISE EXCEPTION 'the id was used while it was waited for'
        USING ERRCODE = 'unique_violation', CONSTRAINT = 'products_pkey';
    END IF;
    RETURN NULL;
  END $$`;
}

/** Whatever leaves word in the outbox that everything may have changed. */
function everythingFunction(schema: string): string {
  return `
  CREATE FUNCTION note_everything_changed() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = ${schema}, pg_temp AS $$
  BEGIN
    INSERT INTO product_changes_unnumbered DEFAULT VALUES;
    RETURN NULL;
  END $$`;
}

/** Whatever a product's answer shows raises its version; a count of views does not. */
const triggers = [
  `CREATE TRIGGER note_product_change AFTER INSERT OR DELETE ON products
    FOR EACH ROW EXECUTE FUNCTION note_product_change()`,
  `CREATE TRIGGER note_product_version AFTER UPDATE ON products
    FOR EACH ROW WHEN (NEW.version <> OLD.version) EXECUTE FUNCTION note_product_change()`,
  `CREATE TRIGGER note_everything_changed AFTER INSERT ON write_through_outbox
    FOR EACH ROW WHEN (NEW.key IS NULL) EXECUTE FUNCTION note_everything_changed()`,
];
