import { createTestDatabase, localStack, redisKeyPrefix } from '@throughline/local-stack/testing';
import { PgConnectionPool } from '@throughline/write-through/postgres';
import { createClient as createRedisClient } from 'redis';
import { type RealService, startServer } from './real-service.ts';

export interface ServiceOnStores extends AsyncDisposable {
  readonly service: RealService;
  readonly databaseUrl: string;
  /** Of its keys in Redis. */
  readonly prefix: string;
}

/** A service on a database and key names of its own. */
export async function openService(
  environment: Record<string, string> = {},
  nodeOptions?: readonly string[],
): Promise<ServiceOnStores> {
  await using opening = new AsyncDisposableStack();
  const database = opening.use(await createTestDatabase());
  const prefix = redisKeyPrefix();
  const service = opening.use(
    await startServer(
      {
        DATABASE_URL: database.url,
        REDIS_URL: localStack().redisUrl,
        CACHE_NAMESPACE: prefix,
        BUILD_COMMIT: 'abc123',
        ...environment,
      },
      nodeOptions,
    ),
  );
  const opened = opening.move();
  return {
    service,
    databaseUrl: database.url,
    prefix,
    [Symbol.asyncDispose]: async () => opened.disposeAsync(),
  };
}

export async function openRedis(url: string) {
  const client = createRedisClient({ url });
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: async () => client.destroy() });
}

/** One call, or several in one request. */
export async function read(
  { url }: Pick<RealService, 'url'>,
  ids: readonly number[],
): Promise<void> {
  const inputs = Object.fromEntries(ids.map((id, index) => [index, { id }]));
  const path = ids.map(() => 'product.byId').join(',');
  const input = encodeURIComponent(JSON.stringify(inputs));
  await (await fetch(`${url}/${path}?batch=1&input=${input}`)).text();
}

export interface OpenTransaction extends AsyncDisposable {
  /** By which PostgreSQL tells how it ended. */
  readonly xid: bigint;
  rollBack(): Promise<void>;
}

/** A transaction past the service that has run this statement and stays open: what it locks is a gate. */
export async function openTransaction(
  databaseUrl: string,
  statement: string,
): Promise<OpenTransaction> {
  const pool = new PgConnectionPool({ databaseUrl, connectionsMax: 1 });
  const db = await pool.acquire();
  await db.query({ text: `BEGIN; ${statement}` });
  const { rows } = await db.query({ text: 'SELECT pg_current_xact_id()::text AS xid' });
  return {
    xid: BigInt(String(rows[0]?.['xid'])),
    rollBack: async () => void (await db.query({ text: 'ROLLBACK' })),
    [Symbol.asyncDispose]: async () => {
      await pool.release(db, 'broken');
      await pool[Symbol.asyncDispose]();
    },
  };
}
