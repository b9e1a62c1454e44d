import { createTestDatabase } from '@throughline/local-stack/testing';
import { type Connection, type Queryable, withConnection } from '../postgres/connection-pool.ts';
import { markWriterSql } from '../postgres/outbox-table.ts';
import { PgConnectionPool } from '../postgres/pg-connection-pool.ts';
import { PostgresEpochRegister } from '../postgres/postgres-epoch-register.ts';
import { PostgresTransactions } from '../postgres/postgres-transactions.ts';
import type { Transaction } from '../transactions.ts';
import type { RegisterDatabase } from './interleaving/engine-ports.ts';
import { createRegisterTables } from './register-bed.ts';
import type { RegisterRow, RegisterSession } from './register-session.ts';

/** Registers in a PostgreSQL database of their own, with every committed version kept beside them. */
export interface PostgresRegisters extends RegisterDatabase, AsyncDisposable {
  committed(): Promise<string[]>;
  /** Rolls back what nobody ended, brings register 1 back to what it was at first, and forgets the versions. */
  clear(): Promise<void>;
}

export async function openPostgresRegisters(): Promise<PostgresRegisters> {
  await using opened = new AsyncDisposableStack();
  const { url: databaseUrl } = opened.use(
    await createTestDatabase({ name: 'registers', prepare: createRegisterTables }),
  );
  const pool = (connectionsMax: number) =>
    opened.use(new PgConnectionPool({ databaseUrl, connectionsMax }));
  const [reads, writes, control, lease] = [pool(5), pool(20), pool(4), pool(1)];
  await withConnection(control, async (db) => {
    await db.query({ text: 'CREATE TABLE kept_versions (text text)' });
    await db.query({ text: clearSql });
  });
  const name = 'registers';
  const transactions = new PostgresTransactions({ writes, control, name });
  const open = new Map<bigint, { pid: number; transaction: Transaction<Connection> }>();
  const stack = opened.move();
  return {
    transactions: {
      begin: async () => {
        const transaction = await transactions.begin();
        open.set(transaction.xid, { pid: await backendOf(transaction.db), transaction });
        return sessionOf(transaction, () => open.delete(transaction.xid));
      },
      statuses: async (xids) => transactions.statuses(xids),
    },
    register: new PostgresEpochRegister({ lease, control, name }),
    select: async (ids) =>
      withConnection(reads, async (db) => {
        const text = 'SELECT id, version, text FROM registers WHERE id = ANY($1::int[])';
        const { rows } = await db.query({ text, values: [ids] });
        return new Map(rows.map((row) => [Number(row['id']), rowOf(row)]));
      }),
    cutOff: async ({ xid }) =>
      withConnection(control, async (db) => {
        const values = [open.get(xid)?.pid, xid];
        await db.query({ text: terminateSql, values });
      }),
    committed: async () =>
      withConnection(control, async (db) => {
        const { rows } = await db.query({ text: 'SELECT text FROM kept_versions' });
        return rows.map((row) => String(row['text']));
      }),
    clear: async () => {
      await Promise.all([...open.values()].map(async ({ transaction }) => transaction.rollback()));
      open.clear();
      await withConnection(control, async (db) => db.query({ text: clearSql }));
    },
    [Symbol.asyncDispose]: async () => stack.disposeAsync(),
  };
}

/** Marked as a write of ours: the version goes back, which no trigger lets an outsider do. */
const clearSql = `BEGIN; ${markWriterSql('clear')}; DELETE FROM kept_versions;
  UPDATE registers SET version = 1, text = '1 by nobody' WHERE id = 1; COMMIT`;

/** Ends the backend, if it still runs that very transaction. */
const terminateSql = `SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity
  WHERE pid = $1 AND backend_xid::text = ($2::bigint % 4294967296)::text`;

async function backendOf(db: Queryable): Promise<number> {
  const { rows } = await db.query({ text: 'SELECT pg_backend_pid() AS pid' });
  return Number(rows[0]?.['pid']);
}

function sessionOf(
  transaction: Transaction<Connection>,
  onEnd: () => void,
): Transaction<RegisterSession> {
  const { db } = transaction;
  return {
    xid: transaction.xid,
    epochRow: transaction.epochRow,
    last: registersOf(transaction.last),
    ask: async (question) => transaction.ask(async (other) => question(registersOf(other))),
    commit: async () => {
      onEnd();
      return transaction.commit();
    },
    status: async () => transaction.status(),
    rollback: async () => {
      onEnd();
      return transaction.rollback();
    },
    db: registersOf(db),
  };
}

function registersOf(db: Queryable): RegisterSession {
  return {
    increment: async (id, by) => {
      const { rows } = await db.query({
        text: `WITH written AS (
                 UPDATE registers SET version = version + 1, text = (version + 1) || ' by ' || $2
                 WHERE id = $1 RETURNING version, text),
               kept AS (INSERT INTO kept_versions SELECT text FROM written)
               SELECT version, text FROM written`,
        values: [id, by],
      });
      return rowOf(rows[0] ?? {});
    },
    find: async (id) => {
      const text = 'SELECT version, text FROM registers WHERE id = $1';
      const { rows } = await db.query({ text, values: [id] });
      return rowOf(rows[0] ?? {});
    },
    fail: async () => {
      await db.query({ text: 'SELECT 1 / 0' });
    },
  };
}

function rowOf(row: Record<string, unknown>): RegisterRow {
  return { version: Number(row['version']), text: String(row['text']) };
}
