import type { EntryStore } from '../entry-store.ts';
import type { OnFailure } from '../epoch-keeper.ts';
import type { Limits } from '../limits.ts';
import type { CachedRecords } from '../cached-records.ts';
import type { OutboxDrain } from '../outbox-drain.ts';
import {
  type Connection,
  type Query,
  type Queryable,
  type QueryResult,
  withConnection,
} from '../postgres/connection-pool.ts';
import { epochBypassSql, epochTableSql } from '../postgres/epoch-table.ts';
import { PgConnectionPool } from '../postgres/pg-connection-pool.ts';
import { PostgresEpochRegister } from '../postgres/postgres-epoch-register.ts';
import { PostgresOutbox } from '../postgres/postgres-outbox.ts';
import type { LockHolder } from '../postgres/lock-holders.ts';
import { PostgresTransactions } from '../postgres/postgres-transactions.ts';
import type { TransactionLimits } from '../postgres/transaction-limits.ts';
import type { RecordSource } from '../record-source.ts';
import type { Transactions } from '../transactions.ts';
import type { AppliedWrite, WritePlan } from '../write-plan.ts';
import { WriteThroughCache } from '../write-through-cache.ts';
import { registerOutboxSql } from './register-outbox.ts';

/** A record with nothing but a text; its version grows by one with each write. */
export interface Register {
  readonly id: number;
  readonly text: string;
}

/** Of the sessions that write, by which PostgreSQL tells them from those that change the epoch. */
export const writesApplicationName = 'registers writes';

/** What a write at once of a register that is not there is refused with. */
export class NoRegisterError extends Error {}

export interface RegisterBedOptions {
  readonly databaseUrl: string;
  readonly store: EntryStore;
  readonly limits?: Partial<Limits>;
  /** `reject` unless the test is about going on. */
  readonly onFailure?: OnFailure;
  readonly connectionsMax?: number;
  /** Whether it drains the outbox; else others have to. */
  readonly drains?: boolean;
  readonly transactionLimits?: Partial<TransactionLimits>;
  /** Told of each session that held the epoch's lock for too long. */
  readonly onOverdueHolder?: (holder: LockHolder) => void;
  /** Wraps the transactions, to fail or to pause them. */
  readonly wrap?: (transactions: Transactions<Connection>) => Transactions<Connection>;
}

/** The engine over a table of registers: the smallest service there can be on it. */
export class RegisterBed implements AsyncDisposable {
  readonly cache: WriteThroughCache<Connection>;
  readonly registers: CachedRecords<number, Register>;
  /** Of a bed that drains, once it has started. */
  drain: OutboxDrain<Connection> | undefined;
  /** What kept it from draining, as often as it was told. */
  readonly obstacles: unknown[] = [];
  readonly #source: RecordSource<number, Register>;
  readonly #reads: PgConnectionPool;
  readonly #writes: PgConnectionPool;
  readonly #control: PgConnectionPool;
  readonly #lease: PgConnectionPool;
  /** How many SELECTs of records were sent. */
  loads = 0;

  constructor(options: RegisterBedOptions) {
    const { databaseUrl, store, limits, onFailure = 'reject', connectionsMax = 10, wrap } = options;
    const { transactionLimits = {}, onOverdueHolder = () => undefined } = options;
    this.#reads = new PgConnectionPool({ databaseUrl, connectionsMax });
    this.#writes = new PgConnectionPool({
      databaseUrl,
      connectionsMax,
      applicationName: writesApplicationName,
    });
    this.#control = new PgConnectionPool({ databaseUrl, connectionsMax: 2 });
    this.#lease = new PgConnectionPool({ databaseUrl, connectionsMax: 1 });
    const name = 'registers';
    const transactions = new PostgresTransactions({
      writes: this.#writes,
      control: this.#control,
      name,
      limits: transactionLimits,
    });
    const register = new PostgresEpochRegister({
      lease: this.#lease,
      control: this.#control,
      name,
      onOverdueHolder,
      ...('totalMs' in transactionLimits ? { totalMs: transactionLimits.totalMs } : {}),
    });
    this.cache = new WriteThroughCache<Connection>({
      store,
      transactions: wrap === undefined ? transactions : wrap(transactions),
      register,
      outbox: new PostgresOutbox({ control: this.#control, name }),
      onFailure,
      ...(limits === undefined ? {} : { limits }),
    });
    this.#source = this.#registerSource();
    this.registers = this.cache.records(this.#source);
  }

  static async open(options: RegisterBedOptions): Promise<RegisterBed> {
    const bed = new RegisterBed(options);
    await bed.cache.start();
    if (options.drains === true) bed.startDraining();
    return bed;
  }

  startDraining(): void {
    this.drain = this.cache.drain({
      onStuck: (err) => this.obstacles.push(err),
      present: async (db, keys) => {
        const ids = keys.map((key) => Number(key.split(':')[1]));
        const rows = await selectRegisters(db, ids);
        return rows.map(({ version, value }) =>
          this.registers.changedTo(value.id, { version, value }),
        );
      },
    });
  }

  /** Writes a new text; the version it got. */
  async set(id: number, text: string): Promise<{ version: number; outcome: string }> {
    const { value, outcome } = await this.cache.write(this.plan(id, text));
    return { version: value, outcome };
  }

  /** The same, in one round trip with COMMIT. */
  async setAtOnce(id: number, text: string): Promise<{ version: number; outcome: string }> {
    const plan = this.#atOnce(id, {
      text: 'UPDATE registers SET version = version + 1, text = $2 WHERE id = $1 RETURNING *',
      values: [id, text],
    });
    const { value, outcome } = await this.cache.write(plan);
    return { version: value, outcome };
  }

  /** Writes the new version as the text. */
  async increment(id: number, how: 'at once' | 'in steps' = 'in steps'): Promise<number> {
    const statement = {
      text: `UPDATE registers SET version = version + 1, text = version + 1
              WHERE id = $1 RETURNING *`,
      values: [id],
    };
    if (how === 'at once') return (await this.cache.write(this.#atOnce(id, statement))).value;
    const { value } = await this.cache.write(async (db) => ({
      entries: [this.registers.entry(id)],
      apply: async () => {
        const { rows } = await db.query(statement);
        return this.#appliedTo(id, rows) ?? raise('There is no such register.');
      },
    }));
    return value;
  }

  #atOnce(id: number, statement: Query): WritePlan<Connection, number> {
    return async () => ({
      entries: [this.registers.entry(id)],
      apply: async (last) => ({
        ending: last
          .query(statement)
          .then(({ rows }) => this.#appliedTo(id, rows) ?? { refusal: new NoRegisterError() }),
        recall: async (db, xid) => {
          const text = `SELECT * FROM registers
                         WHERE id = $1 AND xmin::text = ($2::bigint % 4294967296)::text`;
          const { rows } = await db.query({ text, values: [id, String(xid)] });
          return this.#appliedTo(id, rows);
        },
      }),
    });
  }

  #appliedTo(id: number, [row]: QueryResult['rows']): AppliedWrite<number> | undefined {
    if (row === undefined) return undefined;
    const version = Number(row['version']);
    const register = { id, text: String(row['text']) };
    const change = this.registers.changedTo(id, { version, value: register });
    return { value: version, changes: [change] };
  }

  plan(id: number, text: string): WritePlan<Connection, number> {
    return async (db) => ({
      entries: [this.registers.entry(id)],
      apply: async () => {
        const { rows } = await db.query({
          text: `INSERT INTO registers AS r VALUES ($1, 1, $2)
                 ON CONFLICT (id) DO UPDATE SET version = r.version + 1, text = $2 RETURNING version`,
          values: [id, text],
        });
        const version = Number(rows[0]?.['version']);
        const change = this.registers.changedTo(id, { version, value: { id, text } });
        return { value: version, changes: [change] };
      },
    });
  }

  async remove(id: number): Promise<number> {
    const { value } = await this.cache.remove(this.registers, id, async (db) => ({
      alsoChanged: [],
      apply: async () => {
        const text = 'DELETE FROM registers WHERE id = $1 RETURNING version + 1 AS version';
        const { rows } = await db.query({ text, values: [id] });
        return { version: Number(rows[0]?.['version']) };
      },
    }));
    return value.version;
  }

  /** What stands in the database, past everything. */
  async stored(id: number): Promise<{ version: number; text: string } | undefined> {
    return withConnection(this.#control, async (db) => {
      const text = 'SELECT version, text FROM registers WHERE id = $1';
      const { rows } = await db.query({ text, values: [id] });
      const row = rows[0];
      return row && { version: Number(row['version']), text: String(row['text']) };
    });
  }

  /** Changes the row without the cache, as another program does. */
  async overwrite(id: number, text: string): Promise<void> {
    await this.outside('UPDATE registers SET text = $2 WHERE id = $1', [id, text]);
  }

  /** Runs a statement as another program does. */
  async outside(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    return withConnection(this.#control, async (db) => (await db.query({ text, values })).rows);
  }

  /** How many rows wait in the outbox. */
  async waitingRows(): Promise<number> {
    return (await this.outside('SELECT FROM write_through_outbox')).length;
  }

  /** Ends the backend that runs a transaction, as a failover or an administrator would. */
  async terminateBackend(xid: bigint): Promise<void> {
    await withConnection(this.#control, async (db) => {
      const sql = `SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity
                   WHERE backend_xid::text = ($1::bigint % 4294967296)::text`;
      const { rowCount } = await db.query({ text: sql, values: [xid] });
      if (rowCount !== 1) throw new Error(`No backend runs transaction ${xid}.`);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain?.[Symbol.asyncDispose]();
    await this.cache[Symbol.asyncDispose]();
    await this.#reads[Symbol.asyncDispose]();
    await this.#writes[Symbol.asyncDispose]();
    await this.#control[Symbol.asyncDispose]();
    await this.#lease[Symbol.asyncDispose]();
  }

  #registerSource(): RecordSource<number, Register> {
    return {
      namespace: 'register',
      schema: 1,
      lifeMs: 60_000,
      versioned: true,
      key: String,
      load: async (ids) => {
        this.loads += 1;
        const found = await withConnection(this.#reads, async (db) => selectRegisters(db, ids));
        return new Map(found.map((record) => [String(record.value.id), record]));
      },
      encode: (register) => Buffer.from(JSON.stringify(register)),
      decode: (payload) => parseRegister(payload.toString()),
    };
  }
}

async function selectRegisters(db: Queryable, ids: readonly number[]) {
  const text = 'SELECT id, version, text FROM registers WHERE id = ANY($1::int[])';
  const { rows } = await db.query({ text, values: [ids] });
  return rows.map((row) => ({
    version: Number(row['version']),
    value: { id: Number(row['id']), text: String(row['text']) },
  }));
}

/** Makes the tables of a {@link RegisterBed} in a fresh database. */
export async function createRegisterTables(databaseUrl: string): Promise<void> {
  await using pool = new PgConnectionPool({ databaseUrl, connectionsMax: 1 });
  await withConnection(pool, async (db) => {
    await db.query({ text: epochTableSql });
    await db.query({ text: epochBypassSql });
    await db.query({
      text: `CREATE TABLE registers (id int PRIMARY KEY, version int NOT NULL, text text NOT NULL);
             INSERT INTO registers SELECT id, 1, 'first' FROM generate_series(1, 20) AS id`,
    });
    await db.query({ text: registerOutboxSql });
  });
}

function parseRegister(text: string): Register {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || !('id' in value) || !('text' in value)) {
    throw new TypeError('These bytes are no register.');
  }
  return { id: Number(value.id), text: String(value.text) };
}

function raise(message: string): never {
  throw new Error(message);
}
