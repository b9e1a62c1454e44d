import {
  createTestDatabase,
  findPgBouncer,
  startPgBouncer,
  startTestRedis,
} from '@throughline/local-stack/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { withConnection } from '../postgres/connection-pool.ts';
import { openRedisClient } from '../testing/redis-client.ts';
import { type OpenWriteThrough, openWriteThrough } from './open-write-through.ts';

const createTables = `CREATE TABLE IF NOT EXISTS notes
  (id integer PRIMARY KEY, text text NOT NULL, version integer NOT NULL)`;

/** A table of notes behind the cache. */
function notesOf({ cache, records }: OpenWriteThrough) {
  const notes = records({
    namespace: 'note',
    schema: 1,
    lifeMs: 60_000,
    select: 'SELECT * FROM notes WHERE id = ANY($1)',
    id: (row) => Number(row['id']),
    record: (row) => ({ version: Number(row['version']), value: String(row['text']) }),
  });
  const write = async (id: number, text: string) =>
    cache.change(notes, id, async (db) => {
      const { rows } = await db.query({
        text: `INSERT INTO notes VALUES ($1, $2, 1)
               ON CONFLICT (id) DO UPDATE SET text = $2, version = notes.version + 1
               RETURNING version`,
        values: [id, text],
      });
      return { version: Number(rows[0]?.['version']), value: text };
    });
  return { notes, write };
}

test('a record is cached as it is written, and loaded where it is not', async () => {
  await using database = await createTestDatabase();
  await using redis = await startTestRedis();
  const stores = {
    databaseUrl: database.url,
    redis: { url: redis.url },
    name: 'notes',
    createTables,
  };
  await using opened = await openWriteThrough(stores);
  const { notes, write } = notesOf(opened);
  expect(await write(1, 'one')).toEqual({
    outcome: 'published',
    value: { version: 1, value: 'one' },
  });
  expect(await notes.read(1)).toEqual({ outcome: 'hit', value: 'one' });
  await withConnection(opened.pool, async (db) =>
    db.query({ text: `INSERT INTO notes VALUES (2, 'two', 1)` }),
  );
  expect(await notes.read(2)).toEqual({ outcome: 'miss', value: 'two' });
  expect(await notes.readMany([2, 3])).toMatchObject([
    { outcome: 'hit', value: 'two' },
    { value: undefined },
  ]);
});

test('tables that are there are left alone, and what is in them', async () => {
  await using database = await createTestDatabase();
  await using redis = await startTestRedis();
  const stores = {
    databaseUrl: database.url,
    redis: { url: redis.url },
    name: 'notes',
    createTables,
  };
  {
    await using first = await openWriteThrough(stores);
    await notesOf(first).write(1, 'one');
  }
  await using second = await openWriteThrough(stores);
  expect(await notesOf(second).notes.read(1)).toEqual({ outcome: 'hit', value: 'one' });
});

describe('behind a pooler', () => {
  beforeAll(async () => {
    await findPgBouncer();
  }, 180_000);

  test('it works, though its sessions are lent to others in between', async () => {
    await using database = await createTestDatabase();
    await using redis = await startTestRedis();
    await using pooler = await startPgBouncer(database.url, 4);
    const stores = {
      databaseUrl: pooler.url,
      redis: { url: redis.url },
      name: 'notes',
      createTables,
    };
    await using opened = await openWriteThrough(stores);
    const { notes, write } = notesOf(opened);
    const texts = ['one', 'two', 'three', 'four'];
    await Promise.all(texts.map(async (text, id) => write(id, text)));
    const read = await notes.readMany([0, 1, 2, 3]);
    expect(read.map(({ value }) => value)).toEqual(texts);
  });
});

test('without Redis, PostgreSQL alone answers and takes writes', async () => {
  await using database = await createTestDatabase();
  const redis = { url: 'redis://127.0.0.1:1' };
  const stores = { databaseUrl: database.url, redis, name: 'notes', createTables };
  await using opened = await openWriteThrough(stores);
  const { notes, write } = notesOf(opened);
  expect(await write(1, 'one')).toMatchObject({ outcome: 'bypass' });
  expect(await notes.read(1)).toEqual({ outcome: 'bypass', value: 'one' });
});

test('it tells why Redis is not used, as soon as it is open and whenever that changes', async () => {
  await using database = await createTestDatabase();
  await using redis = await startTestRedis({ arguments: ['--maxmemory-policy', 'allkeys-lru'] });
  const url = { url: redis.url };
  const stores = { databaseUrl: database.url, redis: url, name: 'notes', createTables };
  await using opened = await openWriteThrough(stores);
  expect(opened.store.identity).toBeUndefined();
  expect(opened.store.problem).toContain('Its maxmemory-policy is allkeys-lru');
  const changed = new Promise<void>((resolve) => opened.store.onIdentityChange(resolve));
  await using admin = await openRedisClient(redis.url);
  await admin.configSet('maxmemory-policy', 'noeviction');
  await changed;
  expect(opened.store.problem).toBeUndefined();
});

test('it tells that Redis refuses the password', async () => {
  await using database = await createTestDatabase();
  await using redis = await startTestRedis({ arguments: ['--requirepass', 'right'] });
  const url = { url: redis.url.replace(/^redis:\/\/(.*@)?/, 'redis://:wrong@') };
  const stores = { databaseUrl: database.url, redis: url, name: 'notes', createTables };
  await using opened = await openWriteThrough(stores);
  expect(opened.store.problem).toContain('WRONGPASS');
});

test('a change from outside is followed while writes hold all the connections that they may', async () => {
  await using database = await createTestDatabase();
  await using redis = await startTestRedis();
  const url = { url: redis.url };
  const stores = { databaseUrl: database.url, redis: url, name: 'notes', createTables };
  await using opened = await openWriteThrough({ ...stores, connectionsMax: 2 });
  const { notes, write } = notesOf(opened);
  for (const id of [1, 2]) await write(id, 'old');
  await using _ = opened.cache.drain({ present: async () => [], onStuck: () => undefined });
  await withConnection(opened.pool, async (locker) => {
    await locker.query({ text: 'BEGIN; SELECT FROM notes WHERE id = 1 FOR UPDATE' });
    let ended = 0;
    const writes = [1, 2].map(async () => {
      await write(1, 'new').finally(() => (ended += 1));
    });
    await expect.poll(() => opened.cache.state.pendingWrites).toBe(2);
    await withConnection(opened.pool, async (db) => {
      await db.query({
        text: `UPDATE notes SET text = 'outside', version = 2 WHERE id = 2;
               INSERT INTO write_through_outbox (key) VALUES ('note:2')`,
      });
    });
    await expect.poll(async () => (await notes.read(2)).value, { timeout: 10_000 }).toBe('outside');
    expect(ended).toBe(0);
    await locker.query({ text: 'COMMIT' });
    await Promise.all(writes);
  });
});

test('without PostgreSQL it does not open', async () => {
  const stores = {
    databaseUrl: 'postgres://127.0.0.1:1/none',
    redis: { url: 'redis://127.0.0.1:1' },
  };
  await expect(openWriteThrough({ ...stores, name: 'notes' })).rejects.toMatchObject({
    code: 'DATABASE_UNAVAILABLE',
  });
});
