import type { ConnectionPool, Query } from '../postgres/connection-pool.ts';
import { wrappedPool } from '../postgres/wrapped-pool.ts';

/** The same pool, whose watcher is told what goes out together: one round trip each time. */
export function watchedPool(
  pool: ConnectionPool,
  onRoundTrip: (queries: readonly Query[]) => void,
): ConnectionPool {
  return wrappedPool(pool, (connection) => ({
    query: async (query) => {
      onRoundTrip([query]);
      return connection.query(query);
    },
    queryAll: async (queries) => {
      onRoundTrip(queries);
      return connection.queryAll(queries);
    },
  }));
}
