import type { Migration } from './migration.ts';

/**
 * Has the search vector computed only when something that it follows from is written.
 *
 * PostgreSQL computes the generated columns of a changed row anew wherever a trigger may change the row before it is stored,
 * whatever was changed: of each new price, stock and flush of view counts, sorting the words of the description was the
 * larger part. A trigger of named columns computes the same, and runs for these alone. What is stored stays; nothing is
 * rewritten.
 *
 * Its name comes before that of the trigger which counts versions, so PostgreSQL runs it first.
 */
export const searchVector: Migration = {
  name: '0006-search-vector',
  up: async (db) => {
    for (const text of [
      'ALTER TABLE products ALTER COLUMN search_vector DROP EXPRESSION',
      computeVector,
      vectorTrigger,
    ]) {
      await db.query({ text, values: [] });
    }
  },
};

const computeVector = `
  CREATE FUNCTION products_search_vector() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
  BEGIN
    NEW.search_vector :=
      setweight(to_tsvector('english', NEW.name) || to_tsvector('simple', NEW.name), 'A') ||
      setweight(to_tsvector('simple', NEW.sku), 'B') ||
      setweight(
        to_tsvector('english', NEW.description) || to_tsvector('simple', NEW.description), 'C');
    RETURN NEW;
  END $$`;

/** The vector is among them, so that nobody can write another. */
const vectorTrigger = `
  CREATE TRIGGER products_search_vector
    BEFORE INSERT OR UPDATE OF name, sku, description, search_vector ON products
    FOR EACH ROW EXECUTE FUNCTION products_search_vector()`;
