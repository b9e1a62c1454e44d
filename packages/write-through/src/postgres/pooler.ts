import pg from 'pg';
import type { ConnectionPool } from './connection-pool.ts';
import { interceptedPool } from './intercepted-pool.ts';

/**
 * Whether another program stands before PostgreSQL and lends its sessions, such as PgBouncer: then the process
 * that was named when the connection opened is not the one that answers.
 */
export async function isBehindPooler(databaseUrl: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 2_000 });
  // The statement under way rejects with the same error.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    return !('processID' in client) || client.processID !== rows[0]?.pid;
  } finally {
    await client.end();
  }
}

/**
 * The same pool, in which no statement is prepared under a name: a pooler lends another session for the next
 * transaction, and that may not know the name, or know it already.
 */
export function unprepared(pool: ConnectionPool): ConnectionPool {
  return interceptedPool(pool, async ({ text, values, query_timeout }, send) =>
    send({
      text,
      ...(values === undefined ? {} : { values }),
      ...(query_timeout === undefined ? {} : { query_timeout }),
    }),
  );
}
