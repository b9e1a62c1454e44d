import { createTestDatabase } from '@throughline/local-stack/testing';
import { describe, expect, it } from 'vitest';
import { DatabaseUnavailableError } from '../errors.ts';
import { describeEpochRegister } from '../testing/epoch-register-contract.ts';
import { openPostgresRegisters } from '../testing/postgres-registers.ts';
import { createRegisterTables } from '../testing/register-bed.ts';
import { describeTransactions } from '../testing/transactions-contract.ts';
import { watchedPool } from '../testing/watched-pool.ts';
import {
  type ConnectionPool,
  type Queryable,
  type QueryResult,
  withConnection,
} from './connection-pool.ts';
import { epochLockSql } from './epoch-table.ts';
import { HeardClient } from './heard-client.ts';
import { PgConnectionPool } from './pg-connection-pool.ts';
import { PostgresTransactions } from './postgres-transactions.ts';
import type { TransactionLimits } from './transaction-limits.ts';

describeTransactions('PostgresTransactions', openPostgresRegisters);
describeEpochRegister('PostgresEpochRegister', openPostgresRegisters);

const name = 'registers';

describe('BEGIN', () => {
  it('reads the epoch row as of after the lock, also when that had to be waited for', async () => {
    await using at = await openTransactions();
    await using keeper = await connect(at.databaseUrl);
    await keeper.query(`INSERT INTO write_through_epochs VALUES
      ('registers', 1, 'one', 'active', 'the store', 'the database')`);
    await keeper.query(`BEGIN; ${epochLockSql(name, 'exclusive')}`);
    const begun = at.transactions.begin();
    await using watcher = await connect(at.databaseUrl);
    await expect.poll(async () => waitingForLocks(watcher)).toBe(1);
    await keeper.query(`UPDATE write_through_epochs SET number = 2, id = 'two'; COMMIT`);
    const transaction = await begun;
    await transaction.rollback();
    expect(transaction.epochRow).toEqual({
      state: 'active',
      epoch: { number: 2, id: 'two', storeIdentity: 'the store' },
    });
  });

  it('does not wait for the lock longer than its limit', async () => {
    await using at = await openTransactions({ lockMs: 100 });
    await using keeper = await connect(at.databaseUrl);
    await keeper.query(`BEGIN; ${epochLockSql(name, 'exclusive')}`);
    await expect(at.transactions.begin()).rejects.toThrow(DatabaseUnavailableError);
    await keeper.query('ROLLBACK');
    const next = await at.transactions.begin();
    expect(next.epochRow).toEqual({ state: 'draining', number: 0 });
    await next.rollback();
  });

  it('sets the limits for its own transaction and for nothing after it, behind a pooler', async () => {
    await using at = await openTransactions(someLimits, { isPooled: true });
    const transaction = await at.transactions.begin();
    expect(await limitsOf(transaction.db)).toEqual(someLimits);
    expect(await transaction.commit()).toBe('committed');
    expect(await limitsBetween(at.pool)).toEqual({ lockMs: 0, statementMs: 0, idleMs: 0 });
  });

  it('sets the limits once a connection, and anew where they were rolled back or are others', async () => {
    await using at = await openTransactions(someLimits);
    const first = await at.transactions.begin();
    expect(await limitsOf(first.db)).toEqual(someLimits);
    await first.rollback();
    expect(await limitsBetween(at.pool)).toEqual({ lockMs: 0, statementMs: 0, idleMs: 0 });

    const second = await at.transactions.begin();
    expect(await limitsOf(second.db)).toEqual(someLimits);
    expect(await second.commit()).toBe('committed');
    expect(await limitsBetween(at.pool)).toEqual(someLimits);
    await (await at.transactions.begin()).rollback();
    expect(await limitsBetween(at.pool)).toEqual(someLimits);

    const others = { lockMs: 4_321, statementMs: 5_432, idleMs: 6_543 };
    const third = await at.sharing(others).begin();
    expect(await limitsOf(third.db)).toEqual(others);
    expect(await third.commit()).toBe('committed');
    await (await at.transactions.begin()).commit();
    expect(await limitsBetween(at.pool)).toEqual(someLimits);
  });
});

type Limits = Pick<TransactionLimits, 'lockMs' | 'statementMs' | 'idleMs'>;

const someLimits: Limits = { lockMs: 1_234, statementMs: 2_345, idleMs: 3_456 };

async function limitsOf(db: Queryable): Promise<Limits> {
  const text = `SELECT name, setting FROM pg_settings WHERE name IN
    ('lock_timeout', 'statement_timeout', 'idle_in_transaction_session_timeout') ORDER BY name`;
  const { rows } = await db.query({ text });
  const [idleMs = NaN, lockMs = NaN, statementMs = NaN] = rows.map(({ setting }) =>
    Number(setting),
  );
  return { lockMs, statementMs, idleMs };
}

/** What holds outside of transactions. */
async function limitsBetween(pool: ConnectionPool): Promise<Limits> {
  return withConnection(pool, limitsOf);
}

it('a transaction takes one round trip to begin, and one for its last statements and COMMIT', async () => {
  await using at = await openTransactions();
  const transaction = await at.transactions.begin();
  const last = transaction.last.query({ text: `UPDATE registers SET text = 'last' WHERE id = 1` });
  expect(at.roundTrips).toHaveLength(1);
  expect(await transaction.commit()).toBe('committed');
  expect((await last).rowCount).toBe(1);
  expect(at.roundTrips.map((texts) => texts.at(0)?.split(' ')[0])).toEqual(['BEGIN', 'UPDATE']);
  expect(at.roundTrips.at(-1)?.at(-1)).toBe('COMMIT');
});

it('what is sent at once when it begins travels with BEGIN, behind it and in the transaction', async () => {
  await using at = await openTransactions();
  let first: Promise<QueryResult> | undefined;
  const transaction = await at.transactions.begin((db) => {
    first = db.query({ text: `UPDATE registers SET text = 'begun' WHERE id = 1` });
  });
  expect((await first)?.rowCount).toBe(1);
  expect(at.roundTrips.map((texts) => texts.map((text) => text.split(' ')[0]))).toEqual([
    ['BEGIN', 'SELECT', 'SELECT', 'UPDATE'],
  ]);
  await transaction.rollback();
  const text = `SELECT text FROM registers WHERE id = 1`;
  const { rows } = await withConnection(at.pool, async (db) => db.query({ text }));
  expect(rows).not.toContainEqual({ text: 'begun' });
});

it('a statement that travels with BEGIN and fails is told to whoever sent it, and leaves a transaction to be rolled back', async () => {
  await using at = await openTransactions();
  let first: Promise<QueryResult> | undefined;
  const transaction = await at.transactions.begin((db) => {
    first = db.query({ text: 'SELECT 1 / 0' });
  });
  await expect(first).rejects.toThrow('division by zero');
  expect(await transaction.commit()).toBe('rolled back');
});

it('PostgreSQL parses the statements of BEGIN once a connection', async () => {
  await using at = await openTransactions();
  for (let turn = 0; turn < 10; turn += 1) {
    await (await at.transactions.begin()).commit();
  }
  const connection = await at.pool.acquire();
  const { rows } = await connection.query({
    text: `SELECT name, generic_plans + custom_plans AS runs FROM pg_prepared_statements
            ORDER BY name`,
  });
  expect(rows).toEqual([
    { name: 'write-through-begun', runs: '10' },
    { name: 'write-through-lock', runs: '10' },
  ]);
  await at.pool.release(connection, 'intact');
});

/** Transactions over one connection, and what was sent together over it. */
async function openTransactions(
  limits: Partial<TransactionLimits> = {},
  options: { readonly isPooled?: boolean } = {},
) {
  await using opened = new AsyncDisposableStack();
  const { url: databaseUrl } = opened.use(
    await createTestDatabase({ name: 'registers', prepare: createRegisterTables }),
  );
  const inner = opened.use(new PgConnectionPool({ databaseUrl, connectionsMax: 1 }));
  const control = opened.use(new PgConnectionPool({ databaseUrl, connectionsMax: 1 }));
  const roundTrips: string[][] = [];
  const pool = watchedPool(inner, (queries) => roundTrips.push(queries.map(({ text }) => text)));
  /** Others over the same connection. */
  const sharing = (others: Partial<TransactionLimits>) =>
    new PostgresTransactions({ writes: pool, control, name, limits: others, ...options });
  const stack = opened.move();
  return {
    databaseUrl,
    pool,
    roundTrips,
    transactions: sharing(limits),
    sharing,
    [Symbol.asyncDispose]: async () => stack.disposeAsync(),
  };
}

async function waitingForLocks(client: HeardClient): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return rows[0]?.count ?? 0;
}

async function connect(databaseUrl: string) {
  const client = new HeardClient(databaseUrl);
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: async () => client.end() });
}
