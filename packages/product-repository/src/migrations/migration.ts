import type { Queryable } from '../statements/queryable.ts';

/** One step of the schema. Its name is kept in the database, so it is never changed once released. */
export interface Migration {
  readonly name: string;
  /** Runs in the transaction of all pending migrations. */
  readonly up: (db: Queryable) => Promise<void>;
}
