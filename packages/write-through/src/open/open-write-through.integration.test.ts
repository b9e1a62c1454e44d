import {
  createTestDatabase,
  startPgBouncer,
  startTestRedis,
} from '@throughline/local-stack/testing';
import { expect, test } from 'vitest';
import { withConnection } from '../postgres/connection-pool.ts';
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
  const stores = { databaseUrl: database.url, redisUrl: redis.url, name: 'notes', createTables };
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
  const stores = { databaseUrl: database.url, redisUrl: redis.url, name: 'notes', createTables };
  {
    await using first = await openWriteThrough(stores);
    await notesOf(first).write(1, 'one');
  }
  await using second = await openWriteThrough(stores);
  expect(await notesOf(second).notes.read(1)).toEqual({ outcome: 'hit', value: 'one' });
});

test('it works behind a pooler, which lends its sessions to others in between', async () => {
  await using database = await createTestDatabase();
  await using redis = await startTestRedis();
  await using pooler = await startPgBouncer(database.url, 4);
  const stores = { databaseUrl: pooler.url, redisUrl: redis.url, name: 'notes', createTables };
  await using opened = await openWriteThrough(stores);
  const { notes, write } = notesOf(opened);
  const texts = ['one', 'two', 'three', 'four'];
  await Promise.all(texts.map(async (text, id) => write(id, text)));
  const read = await notes.readMany([0, 1, 2, 3]);
  expect(read.map(({ value }) => value)).toEqual(texts);
});

test('without Redis, PostgreSQL alone answers and takes writes', async () => {
  await using database = await createTestDatabase();
  const redisUrl = 'redis://127.0.0.1:1';
  const stores = { databaseUrl: database.url, redisUrl, name: 'notes', createTables };
  await using opened = await openWriteThrough(stores);
  const { notes, write } = notesOf(opened);
  expect(await write(1, 'one')).toMatchObject({ outcome: 'bypass' });
  expect(await notes.read(1)).toEqual({ outcome: 'bypass', value: 'one' });
});

test('without PostgreSQL it does not open', async () => {
  const stores = { databaseUrl: 'postgres://127.0.0.1:1/none', redisUrl: 'redis://127.0.0.1:1' };
  await expect(openWriteThrough({ ...stores, name: 'notes' })).rejects.toMatchObject({
    code: 'DATABASE_UNAVAILABLE',
  });
});
