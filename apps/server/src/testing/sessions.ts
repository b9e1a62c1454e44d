import { PgConnectionPool, type Queryable } from '@throughline/write-through/postgres';
import { setTimeout as delay } from 'node:timers/promises';

/** Sessions of the service in PostgreSQL, at one moment. */
export interface Sessions {
  readonly all: number;
  /** Of the pool for reads, those that run a statement or wait for a lock in one. */
  readonly reading: number;
  /** Of the pool for writes, those that have a transaction open. */
  readonly writing: number;
}

/** Looks at the sessions of a database all the time, and keeps the most that it saw of each kind. */
export class SessionWatch implements AsyncDisposable {
  readonly #pool: PgConnectionPool;
  readonly #ending = new AbortController();
  readonly #loop: Promise<void>;
  #most: Sessions = { all: 0, reading: 0, writing: 0 };

  constructor(databaseUrl: string) {
    this.#pool = new PgConnectionPool({
      databaseUrl,
      connectionsMax: 1,
      applicationName: 'watcher',
    });
    this.#loop = this.#watch();
  }

  get most(): Sessions {
    return this.#most;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await this.#loop;
    await this.#pool[Symbol.asyncDispose]();
  }

  async #watch(): Promise<void> {
    const db = await this.#pool.acquire();
    while (!this.#ending.signal.aborted) {
      const { all, reading, writing } = await look(db);
      this.#most = {
        all: Math.max(this.#most.all, all),
        reading: Math.max(this.#most.reading, reading),
        writing: Math.max(this.#most.writing, writing),
      };
      await delay(10);
    }
    await this.#pool.release(db, 'intact');
  }
}

async function look(db: Queryable): Promise<Sessions> {
  const { rows } = await db.query({
    text: `SELECT count(*) AS all,
             count(*) FILTER (WHERE application_name = 'throughline reads' AND state = 'active') AS reading,
             count(*) FILTER (WHERE application_name = 'throughline writes' AND xact_start IS NOT NULL) AS writing
           FROM pg_stat_activity
           WHERE datname = current_database() AND application_name LIKE 'throughline %'`,
  });
  const row = rows[0] ?? {};
  return {
    all: Number(row['all']),
    reading: Number(row['reading']),
    writing: Number(row['writing']),
  };
}
