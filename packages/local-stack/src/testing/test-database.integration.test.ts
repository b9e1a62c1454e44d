import { Client } from 'pg';
import { expect, test } from 'vitest';
import { postgresQuery as query } from './fixtures/postgres-query.ts';
import { createTestDatabase, type DatabaseTemplate } from './test-database.ts';

test('databases cloned from one template are prepared once even by parallel callers', async () => {
  let preparations = 0;
  const template: DatabaseTemplate = {
    name: 'prepared_once',
    async prepare(url) {
      preparations += 1;
      await query(url, 'CREATE TABLE thing AS SELECT 42 AS answer');
    },
  };
  await using databases = new AsyncDisposableStack();
  const clones = await Promise.all(Array.from({ length: 8 }, () => createTestDatabase(template)));
  for (const clone of clones) databases.use(clone);

  expect(preparations).toBe(1);
  for (const clone of clones) {
    expect(await query(clone.url, 'SELECT answer FROM thing')).toEqual([{ answer: 42 }]);
  }
});

test('what one test writes to its clone, the next clone does not have', async () => {
  const template: DatabaseTemplate = {
    name: 'separate_clones',
    prepare: async (url) => void (await query(url, 'CREATE TABLE thing (id int)')),
  };
  await using first = await createTestDatabase(template);
  await query(first.url, 'INSERT INTO thing VALUES (1)');
  await using second = await createTestDatabase(template);

  expect(await query(second.url, 'SELECT id FROM thing')).toEqual([]);
});

test('a preparation that fails leaves no broken template behind', async () => {
  const name = 'fails_first';
  const broken: DatabaseTemplate = {
    name,
    async prepare(url) {
      await query(url, 'CREATE TABLE half (id int)');
      throw new Error('migration failed');
    },
  };
  await expect(createTestDatabase(broken)).rejects.toThrow('migration failed');

  const mended: DatabaseTemplate = {
    name,
    prepare: async (url) => void (await query(url, 'CREATE TABLE whole (id int)')),
  };
  await using database = await createTestDatabase(mended);
  const tables = await query(
    database.url,
    `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`,
  );
  expect(tables).toEqual([{ tablename: 'whole' }]);
});

test('a database is dropped although a connection to it is still open', async () => {
  const database = await createTestDatabase();
  const client = new Client(database.url);
  const lost = Promise.withResolvers<Error>();
  client.on('error', lost.resolve);
  await client.connect();

  await database[Symbol.asyncDispose]();

  await expect(lost.promise).resolves.toMatchObject({ code: '57P01' });
  await expect(query(database.url, 'SELECT 1')).rejects.toThrow('does not exist');
});

test('names sort the same on every machine: by code point', async () => {
  await using database = await createTestDatabase();
  const rows = await query(
    database.url,
    `SELECT string_agg(name, ' ' ORDER BY name) AS sorted, upper('ä') AS upper
     FROM unnest(ARRAY['b', 'a', 'B', 'ä']) AS names (name)`,
  );
  expect(rows).toEqual([{ sorted: 'B a b ä', upper: 'Ä' }]);
});
