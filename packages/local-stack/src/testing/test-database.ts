import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { localStack } from './provided-stack.ts';

/** A database of one test's or test file's own; disposing of it drops it, whoever is connected. */
export interface TestDatabase extends AsyncDisposable {
  readonly name: string;
  readonly url: string;
}

/** What all databases cloned from it start with. Its name stands for what `prepare` does. */
export interface DatabaseTemplate {
  /** lower-case letters, digits and underscores */
  readonly name: string;
  /** migrates and fills the empty database at `url`, and closes its connections */
  readonly prepare: (url: string) => Promise<unknown>;
}

/** Copies files instead of writing every page to the log: four times as fast where fsync is off. */
const QUICK_COPY = 'STRATEGY FILE_COPY';

/**
 * Creates an empty database, or a clone of a template. The template is prepared by the first who asks
 * for it in the whole run; other worker processes wait. When `prepare` throws, its caller gets the
 * error and the next caller tries again.
 */
export async function createTestDatabase(template?: DatabaseTemplate): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await using admin = await connect();
  if (template) {
    const source = await ensureTemplate(admin.client, template);
    await admin.client.query(`CREATE DATABASE ${name} TEMPLATE ${source} ${QUICK_COPY}`);
  } else {
    await admin.client.query(`CREATE DATABASE ${name} ${QUICK_COPY}`);
  }
  return {
    name,
    url: urlOf(name),
    async [Symbol.asyncDispose]() {
      await using dropping = await connect();
      await dropping.client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}

/**
 * The template gets its name only when it is whole: it is prepared under another one, which a caller
 * that failed or was killed leaves to be dropped by the next.
 */
async function ensureTemplate(client: Client, template: DatabaseTemplate): Promise<string> {
  if (!/^[a-z][a-z0-9_]{0,40}$/.test(template.name)) {
    throw new Error(
      `"${template.name}" cannot name a template: use up to 41 lower-case letters, digits and underscores.`,
    );
  }
  const name = `template_${template.name}`;
  const unfinished = `unfinished_${template.name}`;
  // A session's lock: PostgreSQL takes it back when the process that holds it dies.
  await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [name]);
  try {
    const found = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount === 0) {
      await client.query(`DROP DATABASE IF EXISTS ${unfinished} WITH (FORCE)`);
      await client.query(`CREATE DATABASE ${unfinished} ${QUICK_COPY}`);
      await template.prepare(urlOf(unfinished));
      await client.query(`ALTER DATABASE ${unfinished} RENAME TO ${name}`);
    }
  } finally {
    await client.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [name]);
  }
  return name;
}

async function connect(): Promise<AsyncDisposable & { readonly client: Client }> {
  const client = new Client(localStack().databaseUrl);
  await client.connect();
  return { client, [Symbol.asyncDispose]: () => client.end() };
}

function urlOf(database: string): string {
  const url = new URL(localStack().databaseUrl);
  url.pathname = database;
  return url.href;
}
