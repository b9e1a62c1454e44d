import { startTestPostgres } from '@throughline/local-stack/testing';
import { PgConnectionPool, withConnection } from '@throughline/write-through/postgres';
import pg from 'pg';
import { expect, test } from 'vitest';
import { isDatabaseUnavailable } from '../database-error.ts';
import { openSequelize } from './open-sequelize.ts';

const standbyText =
  'This PostgreSQL is a standby, whose rows are old; its URL (DATABASE_URL) has to lead to the primary.';

test('no connection to a standby is used, which is an outage, until it is promoted', async () => {
  await using opened = new AsyncDisposableStack();
  const server = opened.use(await startTestPostgres());
  const sequelize = openSequelize({ databaseUrl: server.url, poolMax: 2 });
  opened.defer(async () => sequelize.close());
  const pool = opened.use(new PgConnectionPool({ databaseUrl: server.url, connectionsMax: 2 }));
  const throughPool = async () =>
    withConnection(pool, async (db) => (await db.query({ text: 'SELECT 1 AS one' })).rows);
  const throughSequelize = async () => (await sequelize.query('SELECT 1 AS one'))[0];
  for (const ask of [throughPool, throughSequelize]) expect(await ask()).toEqual([{ one: 1 }]);

  await server.restartAsStandby();
  // Those that were open end with their server, and say so once.
  for (const ask of [throughPool, throughSequelize]) await ask().catch(() => undefined);
  await expect(throughPool()).rejects.toMatchObject({
    code: 'DATABASE_UNAVAILABLE',
    cause: { message: standbyText },
  });
  const err = await throughSequelize().catch((reason: unknown) => reason);
  expect(err).toMatchObject({ message: standbyText });
  expect(isDatabaseUnavailable(err)).toBe(true);

  const admin = new pg.Client({ connectionString: server.url });
  await admin.connect();
  await admin.query('SELECT pg_promote()');
  await admin.end();
  for (const ask of [throughPool, throughSequelize]) expect(await ask()).toEqual([{ one: 1 }]);
});
