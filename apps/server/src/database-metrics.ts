import type { Metrics } from '@throughline/telemetry';
import { type ConnectionPool, type Query, wrappedPool } from '@throughline/write-through/postgres';

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

/** The same pool, in which every statement is observed. Those that are sent together are waited for together. */
export function measuredQueries(
  pool: ConnectionPool,
  metrics: Pick<Metrics, 'histogram'>,
): ConnectionPool {
  const observe = observeQueries(metrics);
  return wrappedPool(pool, (connection) => ({
    query: async (query) => {
      const beganMs = performance.now();
      try {
        const result = await connection.query(query);
        observe(query, 'ok', beganMs);
        return result;
      } catch (err) {
        observe(query, 'error', beganMs);
        throw err;
      }
    },
    queryAll: async (queries) => {
      const beganMs = performance.now();
      try {
        const answers = await connection.queryAll(queries);
        for (const [index, query] of queries.entries()) {
          observe(query, answers[index]?.status === 'fulfilled' ? 'ok' : 'error', beganMs);
        }
        return answers;
      } catch (err) {
        for (const query of queries) observe(query, 'error', beganMs);
        throw err;
      }
    },
  }));
}

type Outcome = 'ok' | 'error';

/** Each name is looked up once: there are as many as there are statements in the code. */
function observeQueries(metrics: Pick<Metrics, 'histogram'>) {
  const observers = new Map<string, Record<Outcome, (seconds: number) => void>>();
  return (query: Query, outcome: Outcome, beganMs: number): void => {
    const seconds = (performance.now() - beganMs) / 1000;
    const name = query.name ?? kindOf(query.text);
    let named = observers.get(name);
    if (named === undefined) {
      const labelled = (ended: Outcome) =>
        metrics.histogram('db_query_duration_seconds', {
          query_name: name.replaceAll('-', '_'),
          outcome: ended,
        });
      named = { ok: labelled('ok'), error: labelled('error') };
      observers.set(name, named);
    }
    named[outcome](seconds);
  };
}

/** What it does to a transaction; the text of a statement is no label. */
function kindOf(text: string): string {
  return /^(BEGIN|COMMIT|ROLLBACK)\b/.exec(text)?.[1]?.toLowerCase() ?? 'other';
}
