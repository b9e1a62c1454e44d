import { migrate, openSequelize } from '@throughline/product-repository';
import { PostgresServer, RedisServer } from '@throughline/local-stack';
import { Client } from 'pg';
import { type CatalogueShape, makeCatalogue } from './catalogue.ts';

/** A PostgreSQL that keeps what it commits, and a Redis, with one catalogue for all. */
export interface Stores extends AsyncDisposable {
  /** The catalogue as the service has it. */
  readonly databaseUrl: string;
  /** The same tables and rows without the triggers that the service has on them: for all others. */
  readonly plainDatabaseUrl: string;
  readonly redisUrl: string;
}

/** Databases of Redis, so that no two variants meet. */
export const redisDatabases = {
  service: 0,
  stored: 1,
  classic: 2,
  bentocache: 3,
  cacheable: 4,
  cacheManager: 5,
  asyncCacheDedupe: 6,
  /** The first of as many as there are engines. */
  engines: 7,
} as const;

/** Redis has this many unless told otherwise. */
export function redisDatabaseUrl(redisUrl: string, index: number): string {
  return index === 0 ? redisUrl : `${redisUrl}/${index}`;
}

/**
 * Commits wait for the disk, as they do in production: a write that does not would make all others look slow. Fifteen
 * variants side by side may each have a pool or two.
 */
const settings = [
  'fsync=on',
  'full_page_writes=on',
  'shared_buffers=512MB',
  'max_connections=600',
].flatMap((setting) => ['-c', setting]);

/** `others`: `same` spares the copy where nobody else writes. */
export async function openStores(
  shape: CatalogueShape,
  others: 'copy' | 'same' = 'copy',
): Promise<Stores> {
  await using opening = new AsyncDisposableStack();
  const redis = opening.use(await RedisServer.start());
  const postgres = opening.use(await PostgresServer.start({ arguments: settings }));
  const sequelize = openSequelize({ databaseUrl: postgres.url, poolMax: 2 });
  await migrate(sequelize);
  await sequelize.close();
  await makeCatalogue(postgres.url, shape);
  const plainDatabaseUrl =
    others === 'copy' ? await copyWithoutTriggers(postgres.url) : postgres.url;
  const opened = opening.move();
  return {
    databaseUrl: postgres.url,
    plainDatabaseUrl,
    redisUrl: redis.url,
    [Symbol.asyncDispose]: async () => opened.disposeAsync(),
  };
}

async function copyWithoutTriggers(databaseUrl: string): Promise<string> {
  const original = new URL(databaseUrl);
  const plain = new URL(databaseUrl);
  plain.pathname = '/plain';
  // Whoever is connected to a database keeps it from being copied.
  const elsewhere = new URL(databaseUrl);
  elsewhere.pathname = '/template1';
  await run(elsewhere, `CREATE DATABASE plain TEMPLATE "${original.pathname.slice(1)}"`);
  for (const table of ['products', 'product_images', 'categories']) {
    await run(plain, `ALTER TABLE ${table} DISABLE TRIGGER USER`);
  }
  await run(plain, 'VACUUM ANALYZE');
  return plain.href;
}

async function run(url: URL, text: string): Promise<void> {
  const db = new Client(url.href);
  await db.connect();
  try {
    await db.query(text);
  } finally {
    await db.end();
  }
}
