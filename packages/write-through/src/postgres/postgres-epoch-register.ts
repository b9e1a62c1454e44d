import type { Doubt, EpochReading, EpochRegister } from '../epoch-register.ts';
import { type Epoch, epochNumber } from '../epoch.ts';
import { inTime } from '../in-time.ts';
import {
  answerMs,
  type ConnectionPool,
  type Query,
  type Queryable,
  withConnection,
} from './connection-pool.ts';
import { databaseIdentitySql, doubtOf, doubtSql, epochLockSql, epochRowOf } from './epoch-table.ts';
import { endOverdueHolders, type LockHolder, type LockHoldersOptions } from './lock-holders.ts';
import { isLockTimeout } from './outage.ts';
import { defaultTransactionLimits } from './transaction-limits.ts';

export interface PostgresEpochRegisterOptions {
  /** One connection that nothing else uses: a lease must not wait behind other questions. */
  readonly lease: ConnectionPool;
  readonly control: ConnectionPool;
  /** The same name as that of the transactions. */
  readonly name: string;
  /**
   * Longest wait for the row, in milliseconds. Shorter than the trust lease, so that a connection lost in
   * silence is replaced before the lease ends.
   */
  readonly readMs?: number;
  /** As of the transactions: who holds the lock for longer is ended by whoever waits for it. */
  readonly totalMs?: number;
  /** Told of each session that held the lock for too long. */
  readonly onOverdueHolder?: (holder: LockHolder) => void;
}

/** Longest pause while the lock is held: many times what marking the store takes. */
const installLimitMs = 3_000;

/** The epoch row in `write_through_epochs`. */
export class PostgresEpochRegister implements EpochRegister {
  readonly #lease: ConnectionPool;
  readonly #control: ConnectionPool;
  readonly #name: string;
  readonly #readMs: number;
  readonly #lockHolders: LockHoldersOptions;
  readonly #onOverdueHolder: (holder: LockHolder) => void;

  constructor(options: PostgresEpochRegisterOptions) {
    this.#lease = options.lease;
    this.#control = options.control;
    this.#name = options.name;
    this.#readMs = options.readMs ?? 500;
    this.#lockHolders = { totalMs: defaultTransactionLimits.totalMs, ...options };
    this.#onOverdueHolder = options.onOverdueHolder ?? (() => undefined);
  }

  async read(onAsk: () => void = () => undefined): Promise<EpochReading> {
    return withConnection(this.#lease, async (db) => {
      onAsk();
      return inTime(this.#read(db), this.#readMs, late);
    });
  }

  async drain(epoch: Epoch): Promise<void> {
    await this.#send({
      text: `UPDATE write_through_epochs SET state = 'draining', changed_at = clock_timestamp()
             WHERE name = $1 AND number = $2 AND id = $3 AND state = 'active'`,
      values: [this.#name, epoch.number, epoch.id],
    });
  }

  async bypass(number: number): Promise<void> {
    await this.#send({
      text: `INSERT INTO write_through_epochs AS found
               (name, number, id, state, store_identity, database_identity)
             VALUES ($1, $2, '', 'bypass', '', ${databaseIdentitySql})
             ON CONFLICT (name) DO UPDATE
             SET state = 'bypass', database_identity = excluded.database_identity,
                 changed_at = clock_timestamp()
             WHERE found.number = excluded.number AND (found.state = 'draining'
               OR found.state = 'active' AND found.database_identity <> excluded.database_identity)`,
      values: [this.#name, number],
    });
  }

  /** Where the lock is not had in time, those who hold it for too long are ended, for the next try. */
  async activate(number: number, lockWaitMs: number, install: () => Promise<Epoch>): Promise<void> {
    try {
      await this.#activate(number, lockWaitMs, install);
    } catch (err) {
      if (isLockTimeout(err)) {
        const holders = await endOverdueHolders(this.#lockHolders);
        for (const holder of holders) this.#onOverdueHolder(holder);
      }
      throw err;
    }
  }

  async #activate(
    number: number,
    lockWaitMs: number,
    install: () => Promise<Epoch>,
  ): Promise<void> {
    await withConnection(this.#control, async (db) => {
      await db.query({ text: 'BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE' });
      try {
        // Whoever stops in here would hold up every writer, so PostgreSQL ends it.
        await db.query({
          text: `SET LOCAL lock_timeout = ${lockWaitMs};
                 SET LOCAL statement_timeout = ${lockWaitMs + 1_000};
                 SET LOCAL idle_in_transaction_session_timeout = ${installLimitMs}`,
        });
        await db.query({
          text: epochLockSql(this.#name, 'exclusive'),
          query_timeout: lockWaitMs + answerMs,
        });
        const { row } = await this.#read(db);
        if (row.state !== 'active' && epochNumber(row) === number) {
          await this.#write(db, await install());
        }
        await db.query({ text: 'COMMIT' });
      } catch (err) {
        // If this fails too the connection is broken, and PostgreSQL rolls back when it notices.
        await db.query({ text: 'ROLLBACK' }).catch(() => undefined);
        throw err;
      }
    });
  }

  async doubt(epoch: Epoch): Promise<Doubt | undefined> {
    const rows = await this.#send({
      text: `UPDATE write_through_epochs SET doubted_at = clock_timestamp()
             WHERE name = $1 AND number = $2 AND id = $3 AND state = 'active' RETURNING ${doubtSql}`,
      values: [this.#name, epoch.number, epoch.id],
    });
    return doubtOf(rows[0]);
  }

  async vouch(epoch: Epoch): Promise<void> {
    await this.#send({
      text: `UPDATE write_through_epochs SET vouched_at = clock_timestamp()
             WHERE name = $1 AND number = $2 AND id = $3 AND state = 'active'`,
      values: [this.#name, epoch.number, epoch.id],
    });
  }

  async #send(query: Query): Promise<Record<string, unknown>[]> {
    return withConnection(this.#control, async (db) => (await db.query(query)).rows);
  }

  /** A row that another PostgreSQL wrote (a restored backup, a promoted standby) is as good as drained. */
  async #read(db: Queryable): Promise<EpochReading> {
    const { rows } = await db.query({
      text: `SELECT number, id, state, store_identity, ${doubtSql},
                    (${databaseIdentitySql}) = database_identity AS is_same_database
             FROM write_through_epochs WHERE name = $1`,
      values: [this.#name],
    });
    const row = epochRowOf(rows[0]);
    if (row.state === 'active' && rows[0]?.['is_same_database'] !== true) {
      return { row: { state: 'draining', number: row.epoch.number }, doubt: undefined };
    }
    return { row, doubt: doubtOf(rows[0]) };
  }

  async #write(db: Queryable, { number, id, storeIdentity }: Epoch): Promise<void> {
    await db.query({
      text: `INSERT INTO write_through_epochs (name, number, id, state, store_identity, database_identity)
             VALUES ($1, $2, $3, 'active', $4, ${databaseIdentitySql})
             ON CONFLICT (name) DO UPDATE
             SET number = excluded.number, id = excluded.id, state = excluded.state,
                 store_identity = excluded.store_identity,
                 database_identity = excluded.database_identity, changed_at = clock_timestamp(),
                 doubted_at = NULL, vouched_at = NULL`,
      values: [this.#name, number, id, storeIdentity],
    });
  }
}

/** Worded as `pg` words it, so that it counts as an outage. */
function late(): Error {
  return new Error('Query read timeout');
}
