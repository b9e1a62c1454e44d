import type { Connection, ConnectionPool, Query } from '../postgres/connection-pool.ts';

/** The same pool, whose watcher is told what goes out together: one round trip each time. */
export function watchedPool(
  pool: ConnectionPool,
  onRoundTrip: (queries: readonly Query[]) => void,
): ConnectionPool {
  const lent = new WeakMap<Connection, Connection>();
  return {
    acquire: async () => {
      const connection = await pool.acquire();
      const watched: Connection = {
        query: async (query) => {
          onRoundTrip([query]);
          return connection.query(query);
        },
        queryAll: async (queries) => {
          onRoundTrip(queries);
          return connection.queryAll(queries);
        },
      };
      lent.set(watched, connection);
      return watched;
    },
    release: async (connection, state) => pool.release(lent.get(connection) ?? connection, state),
  };
}
