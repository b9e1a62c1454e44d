import type { EpochRegister } from '../epoch-register.ts';
import type { Epoch, EpochRow } from '../epoch.ts';
import {
  answerMs,
  type ConnectionPool,
  type Queryable,
  withConnection,
} from './connection-pool.ts';
import { databaseIdentitySql, epochLockSql, epochRowOf, epochRowSql } from './epoch-table.ts';

export interface PostgresEpochRegisterOptions {
  readonly control: ConnectionPool;
  /** The same name as that of the transactions. */
  readonly name: string;
  /** Longest wait for the writers to end; longer than their own limits let them live. */
  readonly drainLimitMs?: number;
}

/** Longest pause while the lock is held: many times what marking the store takes. */
const installLimitMs = 3_000;

/** The epoch row in `write_through_epochs`. */
export class PostgresEpochRegister implements EpochRegister {
  readonly #control: ConnectionPool;
  readonly #name: string;
  readonly #drainLimitMs: number;

  constructor({ control, name, drainLimitMs = 15_000 }: PostgresEpochRegisterOptions) {
    this.#control = control;
    this.#name = name;
    this.#drainLimitMs = drainLimitMs;
  }

  async read(): Promise<EpochRow> {
    return withConnection(this.#control, async (db) => this.#read(db));
  }

  async drain(epoch: Epoch): Promise<void> {
    await withConnection(this.#control, async (db) =>
      db.query({
        text: `UPDATE write_through_epochs SET state = 'draining', changed_at = clock_timestamp()
               WHERE name = $1 AND number = $2 AND id = $3`,
        values: [this.#name, epoch.number, epoch.id],
      }),
    );
  }

  async activate(install: (number: number) => Promise<Epoch>): Promise<EpochRow> {
    return withConnection(this.#control, async (db) => {
      await db.query({ text: 'BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE' });
      try {
        // Whoever stops in here would hold up every writer, so PostgreSQL ends it.
        await db.query({
          text: `SET LOCAL lock_timeout = ${this.#drainLimitMs};
                 SET LOCAL statement_timeout = ${this.#drainLimitMs + 1_000};
                 SET LOCAL idle_in_transaction_session_timeout = ${installLimitMs}`,
        });
        await db.query({
          text: epochLockSql(this.#name, 'exclusive'),
          query_timeout: this.#drainLimitMs + answerMs,
        });
        const row = await this.#read(db);
        if (row.state === 'active') {
          await db.query({ text: 'ROLLBACK' });
          return row;
        }
        const epoch = await install(row.number);
        await this.#write(db, epoch);
        await db.query({ text: 'COMMIT' });
        return { state: 'active', epoch };
      } catch (err) {
        // If this fails too the connection is broken, and PostgreSQL rolls back when it notices.
        await db.query({ text: 'ROLLBACK' }).catch(() => undefined);
        throw err;
      }
    });
  }

  /** A row that another PostgreSQL wrote (a restored backup, a promoted standby) is as good as drained. */
  async #read(db: Queryable): Promise<EpochRow> {
    const { rows } = await db.query({
      text: `SELECT *, (${databaseIdentitySql}) = database_identity AS is_same_database
             FROM (${epochRowSql(this.#name)}) AS found`,
    });
    const row = epochRowOf(rows[0]);
    if (row.state === 'active' && rows[0]?.['is_same_database'] !== true) {
      return { state: 'draining', number: row.epoch.number };
    }
    return row;
  }

  async #write(db: Queryable, { number, id, storeIdentity }: Epoch): Promise<void> {
    await db.query({
      text: `INSERT INTO write_through_epochs (name, number, id, state, store_identity, database_identity)
             VALUES ($1, $2, $3, 'active', $4, ${databaseIdentitySql})
             ON CONFLICT (name) DO UPDATE
             SET number = excluded.number, id = excluded.id, state = excluded.state,
                 store_identity = excluded.store_identity,
                 database_identity = excluded.database_identity, changed_at = clock_timestamp()`,
      values: [this.#name, number, id, storeIdentity],
    });
  }
}
