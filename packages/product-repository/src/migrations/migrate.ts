import type { Sequelize, Transaction } from 'sequelize';
import { Umzug, type UmzugStorage } from 'umzug';
import { z } from 'zod';
import type { Queryable, StatementResult } from '../statements/queryable.ts';
import { catalogue } from './0001-catalogue.ts';
import { writeThroughEpoch } from './0002-write-through-epoch.ts';
import { writeThroughBypass } from './0003-write-through-bypass.ts';
import { idempotencyKeys } from './0004-idempotency-keys.ts';
import { writeThroughOutbox } from './0005-write-through-outbox.ts';
import { searchVector } from './0007-search-vector.ts';
import type { Migration } from './migration.ts';

/** In the order in which they run; imported one by one, so that a bundle or an archive holds them too. */
const migrations: readonly Migration[] = [
  catalogue,
  writeThroughEpoch,
  writeThroughBypass,
  idempotencyKeys,
  writeThroughOutbox,
  searchVector,
];

export interface MigrateOptions {
  /** Told of each migration that ran, in words. */
  readonly log?: (message: string) => void;
}

/**
 * Brings the schema up to date and returns the names of the migrations that ran. Any number of processes may
 * start at once: one migrates, the others wait for it and find nothing left to do.
 *
 * Lock and migrations share one transaction on one connection. So a process that dies, or a migration that
 * fails, leaves the schema as it was and the lock free; and it works behind PgBouncer in transaction mode,
 * where a lock of the session would be taken on one connection and given back on another.
 */
export async function migrate(
  sequelize: Sequelize,
  { log = () => undefined }: MigrateOptions = {},
): Promise<string[]> {
  return await sequelize.transaction(async (transaction) => {
    const db = queryableOf(sequelize, transaction);
    await sequelize.query(lockSql, { transaction });
    const umzug = new Umzug({ migrations: runnable(), context: db, storage, logger: undefined });
    umzug.on('migrated', ({ name }) => log(`Migrated the database: ${name}.`));
    return (await umzug.up()).map(({ name }) => name);
  });
}

/**
 * A migration may take long and so may the wait for another process that runs it, so limits that an operator
 * set for ordinary statements do not count here.
 */
const lockSql = `
  SET LOCAL statement_timeout = 0;
  SET LOCAL lock_timeout = 0;
  SET LOCAL idle_in_transaction_session_timeout = 0;
  SELECT pg_advisory_xact_lock(hashtextextended('throughline:migrate', 0))`;

function runnable() {
  return migrations.map(({ name, up }) => ({
    name,
    up: ({ context }: { context: Queryable }) => up(context),
  }));
}

const storage: UmzugStorage<Queryable> = {
  async executed({ context: db }) {
    await db.query({ text: storageTableSql, values: [] });
    const { rows } = await db.query({ text: 'SELECT name FROM schema_migrations', values: [] });
    return rows.map((row) => String(row['name']));
  },
  async logMigration({ name, context: db }) {
    await db.query({ text: 'INSERT INTO schema_migrations (name) VALUES ($1)', values: [name] });
  },
  async unlogMigration({ name }) {
    throw new Error(`Migration ${name} cannot be undone: restore a backup instead.`);
  },
};

const storageTableSql = `
  CREATE TABLE IF NOT EXISTS schema_migrations (
    name text PRIMARY KEY,
    executed_at timestamptz NOT NULL DEFAULT clock_timestamp()
  )`;

/** Statements of the transaction's own connection. */
function queryableOf(sequelize: Sequelize, transaction: Transaction): Queryable {
  return {
    async query({ text, values }): Promise<StatementResult> {
      const [rows] = await sequelize.query(
        text,
        values.length === 0 ? { transaction } : { bind: values, transaction },
      );
      return { rows: rowsSchema.parse(rows), rowCount: null };
    },
  };
}

const rowsSchema = z.array(z.record(z.string(), z.unknown()));
