import type { Connection, ConnectionPool } from './connection-pool.ts';

/** The same pool, whose connections are lent as `wrap` makes them. */
export function wrappedPool(
  pool: ConnectionPool,
  wrap: (connection: Connection) => Connection,
): ConnectionPool {
  const lent = new WeakMap<Connection, Connection>();
  return {
    acquire: async () => {
      const connection = await pool.acquire();
      const wrapped = wrap(connection);
      lent.set(wrapped, connection);
      return wrapped;
    },
    release: async (connection, state) => pool.release(lent.get(connection) ?? connection, state),
  };
}
