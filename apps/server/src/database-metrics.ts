import type { Metrics } from '@throughline/telemetry';
import {
  type ConnectionPool,
  interceptedPool,
  type Query,
} from '@throughline/write-through/postgres';

/** The same pool, in which every wait for a connection is observed. */
export function measuredAcquire(
  pool: ConnectionPool,
  use: 'reads' | 'writes',
  metrics: Pick<Metrics, 'observe'>,
): ConnectionPool {
  return {
    acquire: async () => {
      const beganMs = performance.now();
      return pool.acquire().finally(() => {
        const seconds = (performance.now() - beganMs) / 1000;
        metrics.observe('db_pool_acquire_duration_seconds', { pool: use }, seconds);
      });
    },
    release: async (connection, state) => pool.release(connection, state),
  };
}

/** The same pool, in which every statement is observed. */
export function measuredQueries(
  pool: ConnectionPool,
  metrics: Pick<Metrics, 'observe'>,
): ConnectionPool {
  return interceptedPool(pool, async (query, send) => {
    const beganMs = performance.now();
    const observe = (outcome: 'ok' | 'error') => {
      const labels = { query_name: nameOf(query), outcome };
      metrics.observe('db_query_duration_seconds', labels, (performance.now() - beganMs) / 1000);
    };
    try {
      const result = await send();
      observe('ok');
      return result;
    } catch (err) {
      observe('error');
      throw err;
    }
  });
}

/** That under which it is prepared, or what it does to a transaction; the text of a statement is no label. */
function nameOf({ name, text }: Query): string {
  if (name !== undefined) return name.replaceAll('-', '_');
  return /^(BEGIN|COMMIT|ROLLBACK)\b/.exec(text)?.[1]?.toLowerCase() ?? 'other';
}
