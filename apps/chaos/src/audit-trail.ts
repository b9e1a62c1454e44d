import pg from 'pg';
import { z } from 'zod';

/** What can change of a product, as far as it is checked. */
export const contentSchema = z.object({
  sku: z.string(),
  name: z.string(),
  price: z.string(),
  stock: z.number(),
  categoryId: z.number(),
});
export type Content = z.infer<typeof contentSchema>;

/** One committed state of a product: what readers of that version must have got. */
export const committedSchema = z.object({
  id: z.number(),
  version: z.number(),
  /** `null`: it was deleted at this version. */
  row: contentSchema.nullable(),
  /** By the clock of this machine, when COMMIT began to make it visible: nobody may know of it before. */
  committedAtMs: z.number(),
});
export type Committed = z.infer<typeof committedSchema>;

/**
 * PostgreSQL's own word on what was committed: a trigger copies every version into a table, in the transaction
 * that makes it, so what rolled back is not there.
 */
export class AuditTrail {
  readonly #databaseUrl: string;

  private constructor(databaseUrl: string) {
    this.#databaseUrl = databaseUrl;
  }

  /** On a migrated database with `track_commit_timestamp=on`, past every proxy. */
  static async open(databaseUrl: string): Promise<AuditTrail> {
    const trail = new AuditTrail(databaseUrl);
    await trail.#query(installSql);
    return trail;
  }

  /** In the order of versions within each product. */
  async committed(): Promise<Committed[]> {
    const rows = await this.#query(`
      SELECT id, version, row,
        extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8 * 1000 AS "committedAtMs"
      FROM chaos_audit ORDER BY id, version`);
    return z.array(committedSchema).parse(rows);
  }

  /** The products as they stand, in the same form. */
  async stored(): Promise<Committed[]> {
    const rows = await this.#query(`
      SELECT id, version, ${rowSql('products')} AS row, 0 AS "committedAtMs" FROM products ORDER BY id`);
    return z.array(committedSchema).parse(rows);
  }

  /** Ends every backend of the service, as an administrator or a failover does. */
  async terminateBackends(): Promise<void> {
    await this.#query(`SELECT pg_terminate_backend(pid) FROM (${backendsSql}) AS backends`);
  }

  /** The process ids of the backends of the service. */
  async backends(): Promise<number[]> {
    const rows = await this.#query(backendsSql);
    return z
      .array(z.object({ pid: z.number() }))
      .parse(rows)
      .map(({ pid }) => pid);
  }

  /** On a connection of its own each time: PostgreSQL may have been restarted meanwhile. */
  async #query(sql: string): Promise<unknown[]> {
    const client = new pg.Client({ connectionString: this.#databaseUrl });
    client.on('error', () => undefined);
    await client.connect();
    try {
      const { rows } = await client.query<Record<string, unknown>>(sql);
      return rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

const backendsSql = `
  SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'throughline%' AND pid <> pg_backend_pid()`;

function rowSql(of: string): string {
  return `jsonb_build_object('sku', ${of}.sku, 'name', ${of}.name, 'price', ${of}.price::text,
    'stock', ${of}.stock, 'categoryId', ${of}.category_id)`;
}

const installSql = `
  CREATE TABLE chaos_audit (
    id integer NOT NULL, version integer NOT NULL, row jsonb
  );
  CREATE FUNCTION chaos_audit() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF TG_OP = 'DELETE' THEN
      INSERT INTO chaos_audit VALUES (OLD.id, OLD.version + 1, NULL);
    ELSE
      INSERT INTO chaos_audit VALUES (NEW.id, NEW.version, ${rowSql('NEW')});
    END IF;
    RETURN NULL;
  END $$;
  CREATE TRIGGER chaos_audit AFTER INSERT OR DELETE OR UPDATE OF version ON products
    FOR EACH ROW EXECUTE FUNCTION chaos_audit()`;
