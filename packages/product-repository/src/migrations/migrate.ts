import { Transaction, type Sequelize } from 'sequelize';
import { setTimeout as delay } from 'node:timers/promises';
import { Umzug, type UmzugStorage } from 'umzug';
import { z } from 'zod';
import { isLockNotHad } from '../database-error.ts';
import type { Queryable, StatementResult } from '../statements/queryable.ts';
import { allMigrations } from './all-migrations.ts';
import type { Migration } from './migration.ts';

/** Limits of {@link migrate}, each with its reason. */
export const migrationLimits = {
  /** Whoever comes to a table while a migration waits for it waits behind it: no longer than this. */
  lockMs: 500,
  /** Between two tries, in which those who waited go on: the mean of what is drawn. */
  pauseMs: 2_000,
  /** Between two looks whether another process has built its index. */
  elsewhereMs: 500,
  /** Some ten minutes; a transaction that lasts longer is for an operator to end. */
  triesMax: 240,
} as const;

type MigrationLimits = Readonly<Record<keyof typeof migrationLimits, number>>;

export interface MigrateOptions {
  /** Told of each migration that ran, of each wait, and of migrations that only a later release knows; in words. */
  readonly log?: (message: string) => void;
  /** Those of this release, unless given. */
  readonly migrations?: readonly Migration[];
  readonly limits?: MigrationLimits;
  /** Aborted when nobody wants the schema any more: it is not tried again, and rejects with the reason. */
  readonly signal?: AbortSignal;
}

/**
 * Brings the schema up to date and returns the names of the migrations that ran. Any number of processes may
 * start at once: one migrates, the others wait for it and find nothing left to do. What a later release has
 * migrated stays: it only adds to what this one uses.
 *
 * Lock and migrations share one transaction on one connection. So a process that dies, or a migration that
 * fails, leaves the schema as it was and the lock free; and it works behind PgBouncer in transaction mode,
 * where a lock of the session would be taken on one connection and given back on another. A migration outside
 * a transaction runs on a second connection, while the first holds another lock: one for which nobody waits in
 * a statement, as CREATE INDEX CONCURRENTLY waits for all statements that began before it ends.
 *
 * A statement that cannot lock its table soon lets go of everything, and is tried again later: those who read
 * and write would wait behind it, for as long as it waits for somebody else.
 */
export async function migrate(
  sequelize: Sequelize,
  {
    log = () => undefined,
    migrations = allMigrations,
    limits = migrationLimits,
    signal = new AbortController().signal,
  }: MigrateOptions = {},
): Promise<string[]> {
  const ran: string[] = [];
  for (const step of stepsOf(migrations)) {
    ran.push(
      ...(await patiently({ limits, log, signal }, async () =>
        run(sequelize, step, limits.lockMs),
      )),
    );
  }
  for (const name of ran) log(`Migrated the database: ${name}.`);
  const later = await laterThan(sequelize, migrations);
  if (later.length > 0) log(`The database has migrations of a later release: ${later.join(', ')}.`);
  return ran;
}

/** Neighbours that may share a transaction are one step, and so is each that may not. */
function stepsOf(migrations: readonly Migration[]): Migration[][] {
  const steps: Migration[][] = [];
  for (const migration of migrations) {
    const last = steps.at(-1);
    const isShared = !migration.isOutsideTransaction && !last?.[0]?.isOutsideTransaction;
    if (last !== undefined && isShared) last.push(migration);
    else steps.push([migration]);
  }
  return steps;
}

async function patiently(
  { limits, log, signal }: Required<Pick<MigrateOptions, 'limits' | 'log' | 'signal'>>,
  attempt: () => Promise<string[] | 'elsewhere'>,
): Promise<string[]> {
  const { pauseMs, triesMax, elsewhereMs } = limits;
  for (let tries = 1; ;) {
    signal.throwIfAborted();
    try {
      const outcome = await attempt();
      if (outcome !== 'elsewhere') return outcome;
      await pause(elsewhereMs, signal);
    } catch (err) {
      if (tries >= triesMax || !isLockNotHad(err)) throw err;
      tries += 1;
      log('A migration waits for a transaction that holds its table; trying again.');
      await pause(pauseMs * (0.5 + Math.random()), signal);
    }
  }
}

/** Until then, or until the signal is aborted. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}

async function run(
  sequelize: Sequelize,
  step: readonly Migration[],
  lockMs: number,
): Promise<string[] | 'elsewhere'> {
  const poolMax = sequelize.config.pool?.max ?? 1;
  const isOutside = step.some(({ isOutsideTransaction }) => isOutsideTransaction);
  if (isOutside && poolMax < 2) {
    throw new Error('A migration outside a transaction needs a pool of two connections.');
  }
  const isolationLevel = Transaction.ISOLATION_LEVELS.READ_COMMITTED;
  return sequelize.transaction({ isolationLevel }, async (transaction) => {
    const db = queryableOf(sequelize, transaction);
    await sequelize.query(unlimitedSql, { transaction });
    const { rows } = await db.query({ text: isOutside ? outsideLockSql : lockSql, values: [] });
    if (rows[0]?.['is_held'] === false) return 'elsewhere';
    await sequelize.query(`SET LOCAL lock_timeout = ${lockMs}`, { transaction });
    const runnable = step.map(({ name, up, isOutsideTransaction }) => ({
      name,
      up: async () => up(isOutsideTransaction ? queryableOf(sequelize) : db),
    }));
    const umzug = new Umzug({ migrations: runnable, context: db, storage, logger: undefined });
    return (await umzug.up()).map(({ name }) => name);
  });
}

/**
 * A migration may take long and so may the wait for another process that runs it, so limits that an operator
 * set for ordinary statements do not count here.
 */
const unlimitedSql = `
  SET LOCAL statement_timeout = 0;
  SET LOCAL lock_timeout = 0;
  SET LOCAL idle_in_transaction_session_timeout = 0;
  SELECT set_config('transaction_timeout', '0', true)
   WHERE current_setting('server_version_num')::int >= 170000`;

const lockSql = `SELECT pg_advisory_xact_lock(hashtextextended('throughline:migrate', 0))`;

const outsideLockSql = `
  SELECT pg_try_advisory_xact_lock(hashtextextended('throughline:migrate outside', 0)) AS is_held`;

const storage: UmzugStorage<Queryable> = {
  async executed({ context: db }) {
    await db.query({ text: storageTableSql, values: [] });
    return executedNames(db);
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

async function laterThan(
  sequelize: Sequelize,
  migrations: readonly Migration[],
): Promise<string[]> {
  const known = new Set(migrations.map(({ name }) => name));
  return (await executedNames(queryableOf(sequelize))).filter((name) => !known.has(name));
}

async function executedNames(db: Queryable): Promise<string[]> {
  const text = 'SELECT name FROM schema_migrations ORDER BY name';
  const { rows } = await db.query({ text, values: [] });
  return rows.map((row) => String(row['name']));
}

/** Statements of the transaction's own connection, or each by itself on any. */
function queryableOf(sequelize: Sequelize, transaction?: Transaction): Queryable {
  const options = transaction === undefined ? {} : { transaction };
  return {
    async query({ text, values }): Promise<StatementResult> {
      const [rows] = await sequelize.query(
        text,
        values.length === 0 ? options : { bind: values, ...options },
      );
      return { rows: rowsSchema.parse(rows), rowCount: null };
    },
  };
}

const rowsSchema = z.array(z.record(z.string(), z.unknown()));
