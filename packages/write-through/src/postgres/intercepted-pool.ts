import {
  answerOf,
  type Connection,
  type ConnectionPool,
  type Query,
  type QueryResult,
} from './connection-pool.ts';
import { wrappedPool } from './wrapped-pool.ts';

/** Runs in place of a query: may measure it, hold it up, fail, or send another one in its place. */
export type QueryInterception = (
  query: Query,
  send: (instead?: Query) => Promise<QueryResult>,
) => Promise<QueryResult>;

/**
 * The same pool, with every query in the hands of the interception. Those that are sent together are so when all of
 * them were let through, in their order: if one is not, none is sent.
 */
export function interceptedPool(
  pool: ConnectionPool,
  intercept: QueryInterception,
): ConnectionPool {
  return wrappedPool(pool, (connection) => ({
    query: async (query) => intercept(query, async (instead = query) => connection.query(instead)),
    queryAll: async (queries) => letThrough(connection, intercept, { queries, passed: [] }),
  }));
}

interface Row {
  readonly queries: readonly Query[];
  /** What goes in the place of the first ones. */
  readonly passed: readonly Query[];
}

/** Intercepts one query around all that follow it. */
async function letThrough(
  connection: Connection,
  intercept: QueryInterception,
  { queries, passed }: Row,
): Promise<PromiseSettledResult<QueryResult>[]> {
  const place = passed.length;
  const query = queries[place];
  if (query === undefined) return connection.queryAll(passed);
  let sent: Promise<PromiseSettledResult<QueryResult>[]> | undefined;
  const [ended] = await Promise.allSettled([
    intercept(query, async (instead = query) => {
      sent ??= letThrough(connection, intercept, { queries, passed: [...passed, instead] });
      return answerOf((await sent)[place]);
    }),
  ]);
  if (sent !== undefined) return (await sent).with(place, ended);
  throw ended.status === 'rejected' ? ended.reason : new Error('A statement was not sent.');
}
