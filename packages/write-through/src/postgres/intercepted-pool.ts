import type { ConnectionPool, Query, Queryable, QueryResult } from './connection-pool.ts';

/** Runs in place of a query: may measure it, hold it up, fail, or send another one in its place. */
export type QueryInterception = (
  query: Query,
  send: (instead?: Query) => Promise<QueryResult>,
) => Promise<QueryResult>;

/** The same pool, with every query in the hands of the interception. */
export function interceptedPool(
  pool: ConnectionPool,
  intercept: QueryInterception,
): ConnectionPool {
  const lent = new WeakMap<Queryable, Queryable>();
  return {
    acquire: async () => {
      const connection = await pool.acquire();
      const wrapped: Queryable = {
        query: async (query) =>
          intercept(query, async (instead = query) => connection.query(instead)),
      };
      lent.set(wrapped, connection);
      return wrapped;
    },
    release: async (connection, state) => pool.release(lent.get(connection) ?? connection, state),
  };
}
