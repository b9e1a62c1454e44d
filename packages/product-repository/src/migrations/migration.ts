import type { Queryable } from '../statements/queryable.ts';

/** One step of the schema. Its name is kept in the database, so it is never changed once released. */
export interface Migration {
  readonly name: string;
  /** Runs in the transaction of all pending migrations beside it, or each statement by itself. */
  readonly up: (db: Queryable) => Promise<void>;
  /**
   * For what PostgreSQL does in no transaction, such as CREATE INDEX CONCURRENTLY. What fails half way is run again from its
   * first statement.
   */
  readonly isOutsideTransaction?: true;
}
