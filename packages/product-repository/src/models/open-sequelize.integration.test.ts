import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '@throughline/local-stack/testing';
import { constraintViolated, isDatabaseUnavailable } from '../database-error.ts';
import { migrate } from '../migrations/migrate.ts';
import { defineModels } from './define-models.ts';
import { openSequelize } from './open-sequelize.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

test('a connection that is not free in time is an outage', async () => {
  const sequelize = openSequelize({
    databaseUrl: database.url,
    poolMax: 1,
    acquireTimeoutMs: 1_000,
  });
  const err = await sequelize.transaction(() =>
    sequelize.query('SELECT 1').catch((reason: unknown) => reason),
  );
  expect(err).toBeInstanceOf(Error);
  expect(isDatabaseUnavailable(err)).toBe(true);
  await sequelize.close();
});

test('PostgreSQL itself ends a statement that takes too long, which is an outage', async () => {
  const sequelize = openSequelize({ databaseUrl: database.url, poolMax: 1, statementMs: 50 });
  const err = await sequelize.query('SELECT pg_sleep(60)').catch((reason: unknown) => reason);
  expect(err).toMatchObject({ parent: { code: '57014' } });
  expect(isDatabaseUnavailable(err)).toBe(true);
  await sequelize.close();
});

test('a server that cannot be reached is an outage', async () => {
  const sequelize = openSequelize({ databaseUrl: 'postgres://127.0.0.1:1/none', poolMax: 1 });
  const err = await sequelize.query('SELECT 1').catch((reason: unknown) => reason);
  expect(isDatabaseUnavailable(err)).toBe(true);
  await sequelize.close();
});

test('a violated constraint and wrong SQL are no outage', async () => {
  const sequelize = openSequelize({ databaseUrl: database.url, poolMax: 1 });
  await migrate(sequelize);
  const { Category } = defineModels(sequelize);
  await Category.create({ name: 'One', slug: 'same' });
  const violation = await Category.create({ name: 'Two', slug: 'same' }).catch(
    (reason: unknown) => reason,
  );
  expect(constraintViolated(violation)).toBe('categories_slug_key');
  expect(isDatabaseUnavailable(violation)).toBe(false);
  const mistake = await sequelize.query('SELEC 1').catch((reason: unknown) => reason);
  expect(isDatabaseUnavailable(mistake)).toBe(false);
  expect(constraintViolated(mistake)).toBeUndefined();
  await sequelize.close();
});

test('operators see which pool a connection belongs to', async () => {
  const sequelize = openSequelize({
    databaseUrl: database.url,
    poolMax: 1,
    applicationName: 'throughline-control',
  });
  const [rows] = await sequelize.query(`SELECT current_setting('application_name') AS name`);
  expect(rows).toEqual([{ name: 'throughline-control' }]);
  await sequelize.close();
});
