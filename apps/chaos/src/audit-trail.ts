import pg from 'pg';
import { z } from 'zod';

/** One committed state of a product: what readers of that version must have got. */
export const committedSchema = z.object({
  id: z.number(),
  version: z.number(),
  /** `null`: it was deleted at this version. */
  row: z
    .object({
      sku: z.string(),
      name: z.string(),
      price: z.string(),
      stock: z.number(),
      categoryId: z.number(),
    })
    .nullable(),
  /** By the clock of this machine, before the COMMIT. */
  writtenAtMs: z.number(),
});
export type Committed = z.infer<typeof committedSchema>;

/**
 * PostgreSQL's own word on what was committed: a trigger copies every version into a table, in the transaction
 * that makes it, so what rolled back is not there.
 */
export class AuditTrail implements AsyncDisposable {
  readonly #client: pg.Client;

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  /** On a migrated database, past every proxy. */
  static async open(databaseUrl: string): Promise<AuditTrail> {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    await client.query(installSql);
    return new AuditTrail(client);
  }

  /** In the order of versions within each product. */
  async committed(): Promise<Committed[]> {
    const { rows } = await this.#client.query(`
      SELECT id, version, row, extract(epoch FROM written_at)::float8 * 1000 AS "writtenAtMs"
      FROM chaos_audit ORDER BY id, version`);
    return z.array(committedSchema).parse(rows);
  }

  /** The products as they stand, in the same form. */
  async stored(): Promise<Committed[]> {
    const { rows } = await this.#client.query(`
      SELECT id, version, ${rowSql('products')} AS row, 0 AS "writtenAtMs" FROM products ORDER BY id`);
    return z.array(committedSchema).parse(rows);
  }

  /** Ends every backend of the service, as an administrator or a failover does. */
  async terminateBackends(): Promise<void> {
    await this.#client.query(`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name LIKE 'throughline%' AND pid <> pg_backend_pid()`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.end();
  }
}

function rowSql(of: string): string {
  return `jsonb_build_object('sku', ${of}.sku, 'name', ${of}.name, 'price', ${of}.price::text,
    'stock', ${of}.stock, 'categoryId', ${of}.category_id)`;
}

const installSql = `
  CREATE TABLE chaos_audit (
    id integer NOT NULL, version integer NOT NULL, row jsonb, written_at timestamptz NOT NULL
  );
  CREATE FUNCTION chaos_audit() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF TG_OP = 'DELETE' THEN
      INSERT INTO chaos_audit VALUES (OLD.id, OLD.version + 1, NULL, clock_timestamp());
    ELSE
      INSERT INTO chaos_audit VALUES (NEW.id, NEW.version, ${rowSql('NEW')}, clock_timestamp());
    END IF;
    RETURN NULL;
  END $$;
  CREATE TRIGGER chaos_audit AFTER INSERT OR DELETE OR UPDATE OF version ON products
    FOR EACH ROW EXECUTE FUNCTION chaos_audit()`;
