import { type ConnectionPool, withConnection } from '@throughline/write-through/postgres';
import type { LoggedChange } from './product-change.ts';
import {
  deleteOldChanges,
  numberChanges,
  selectChangeLogState,
  selectChanges,
} from './statements/index.ts';

/** The numbered log of committed changes. Methods throw `DatabaseUnavailableError` when PostgreSQL is away. */
export interface ChangeLog {
  /** The number of the latest change that has one; 0 before the first. */
  last(): Promise<number>;
  /** Numbers the committed changes that may be told now, and tells the number of the latest. */
  advance(): Promise<number>;
  /** What follows a number, in order and without gaps where it is kept, at most so many. */
  after(number: number, countMax: number): Promise<LoggedChange[]>;
}

/** Changes that one transaction numbers: some milliseconds, as others wait for it. */
const numberedMax = 5_000;

/** The log in `product_changes`. */
export class PostgresChangeLog implements ChangeLog {
  readonly #pool: ConnectionPool;

  constructor(pool: ConnectionPool) {
    this.#pool = pool;
  }

  async last(): Promise<number> {
    const { last } = await withConnection(this.#pool, selectChangeLogState);
    return last;
  }

  /** Not what comes meanwhile: of a writer that does not stop, there would be no end. */
  async advance(): Promise<number> {
    return withConnection(this.#pool, async (db) => {
      let { last, isWaiting } = await selectChangeLogState(db);
      while (isWaiting) {
        const numbered = await numberChanges(db, numberedMax);
        last = numbered.last;
        isWaiting = numbered.count === numberedMax;
      }
      return last;
    });
  }

  async after(number: number, countMax: number): Promise<LoggedChange[]> {
    return withConnection(this.#pool, async (db) => selectChanges(db, number, countMax));
  }

  /** Deletes so many of the changes that are older than a day, also where nobody follows; how many there were. */
  async deleteOld(countMax: number): Promise<number> {
    await this.advance();
    return withConnection(this.#pool, async (db) => deleteOldChanges(db, countMax));
  }
}
