import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { isRunning } from './process-table.ts';
import { PostgresServer } from './postgres-server.ts';
import { postgresQuery } from './testing/fixtures/postgres-query.ts';

test('a PostgreSQL killed and started again has its port and all that was committed', async () => {
  await using postgres = await PostgresServer.start();
  const { pid, url } = postgres;
  await postgresQuery(url, 'CREATE TABLE kept AS SELECT 42 AS answer');

  await postgres.kill();
  expect(isRunning(pid)).toBe(false);
  await postgres.restart();

  expect(postgres.pid).not.toBe(pid);
  expect(await postgresQuery(url, 'TABLE kept')).toEqual([{ answer: 42 }]);
});

test('a PostgreSQL starts although its old pid is now the pid of another program', async () => {
  await using postgres = await PostgresServer.start();
  await postgres.stop();
  // What is left after a crash of the machine, when the number has been given to us since.
  const pidFile = path.join(postgres.directory, 'data/postmaster.pid');
  await writeFile(pidFile, `${String(process.pid)}\n${postgres.directory}/data\n`);

  await postgres.restart();

  expect(await postgresQuery(postgres.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('a PostgreSQL started with more arguments takes them', async () => {
  await using postgres = await PostgresServer.start({ arguments: ['-c', 'work_mem=7MB'] });
  expect(await postgresQuery(postgres.url, 'SHOW work_mem')).toEqual([{ work_mem: '7MB' }]);
});
