import { createTestDatabase, localStack, redisKeyPrefix } from '@throughline/local-stack/testing';
import { expect, test } from 'vitest';
import { withConnection } from '../postgres/connection-pool.ts';
import { PostgresOutbox } from '../postgres/postgres-outbox.ts';
import { openWriteThrough } from './open-write-through.ts';

const patience = { timeout: 10_000 };

const createTables = `
  CREATE TABLE IF NOT EXISTS texts (namespace text, id integer, text text NOT NULL,
    version integer NOT NULL DEFAULT 1, PRIMARY KEY (namespace, id))`;

/** Another cache of the same database, whose records are of one namespace. */
async function openTexts(databaseUrl: string, namespace: string) {
  await using opening = new AsyncDisposableStack();
  const name = `${redisKeyPrefix()}-${namespace.replace(':', '-')}`;
  const opened = opening.use(
    await openWriteThrough({
      databaseUrl,
      redis: { url: localStack().redisUrl },
      name,
      createTables,
    }),
  );
  const texts = opened.records({
    namespace,
    schema: 1,
    lifeMs: 60_000,
    select: `SELECT * FROM texts WHERE namespace = '${namespace}' AND id = ANY($1)`,
    id: (row) => Number(row['id']),
    record: (row) => ({ version: Number(row['version']), value: String(row['text']) }),
  });
  const owned = opening.move();
  const run = async (text: string) => withConnection(opened.pool, async (db) => db.query({ text }));
  return {
    run,
    epoch: () => opened.cache.state.epoch,
    backlog: async () =>
      new PostgresOutbox({ control: opened.pool, name: namespace }).backlog([namespace]),
    read: async () => (await texts.read(1)).value,
    /** Has the text in the cache, as every reader is answered. */
    isCached: async () => {
      await expect.poll(async () => (await texts.read(1)).outcome, patience).toBe('hit');
    },
    /** Like another program that knows of the outbox. */
    overwrite: async (text: string, key: string | null) =>
      run(`UPDATE texts SET text = '${text}', version = version + 1
            WHERE namespace = '${namespace}' AND id = 1;
           INSERT INTO write_through_outbox (key) VALUES (${key === null ? 'NULL' : `'${key}'`})`),
    drain: () =>
      opened.cache.drain({
        onStuck: (err) => {
          throw err;
        },
        present: async (db) => {
          const { rows } = await db.query({
            text: `SELECT * FROM texts WHERE namespace = '${namespace}' AND id = 1`,
          });
          return rows.map((row) =>
            texts.changedTo(1, { version: Number(row['version']), value: String(row['text']) }),
          );
        },
      }),
    [Symbol.asyncDispose]: async () => owned.disposeAsync(),
  };
}

async function openNotesAndLabels() {
  await using opening = new AsyncDisposableStack();
  const database = opening.use(await createTestDatabase());
  const notes = opening.use(await openTexts(database.url, 'note'));
  const labels = opening.use(await openTexts(database.url, 'label'));
  await notes.run(`
    INSERT INTO texts VALUES ('note', 1, 'old'), ('label', 1, 'old')`);
  await notes.isCached();
  await labels.isCached();
  const opened = opening.move();
  return { notes, labels, [Symbol.asyncDispose]: async () => opened.disposeAsync() };
}

test('a drain leaves the rows of another cache in the database to that one', async () => {
  await using at = await openNotesAndLabels();
  const { notes, labels } = at;
  await using drains = new AsyncDisposableStack();
  await labels.overwrite('new', 'label:1');
  drains.use(notes.drain());
  await notes.overwrite('new', 'note:1');
  await expect.poll(notes.read, patience).toBe('new');
  await expect.poll(notes.backlog, patience).toEqual({ rows: 0, lagSeconds: 0 });
  expect(await labels.backlog()).toMatchObject({ rows: 1 });
  drains.use(labels.drain());
  await expect.poll(labels.read, patience).toBe('new');
  await expect.poll(labels.backlog, patience).toEqual({ rows: 0, lagSeconds: 0 });
});

test('a row that concerns everything ends the epochs of all caches, whichever drains it', async () => {
  await using at = await openNotesAndLabels();
  const { notes, labels } = at;
  const epochs = { notes: notes.epoch(), labels: labels.epoch() };
  await labels.overwrite('new', null);
  await using _ = notes.drain();
  await expect.poll(labels.read, patience).toBe('new');
  await expect.poll(labels.epoch, patience).toBe(epochs.labels + 1);
  await expect.poll(notes.epoch, patience).toBe(epochs.notes + 1);
  expect(await labels.backlog()).toEqual({ rows: 0, lagSeconds: 0 });
});

test('a namespace with a colon is refused, as nobody would drain its rows', async () => {
  await using database = await createTestDatabase();
  await expect(openTexts(database.url, 'note:old')).rejects.toThrow('has a colon');
});
