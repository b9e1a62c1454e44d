import { existsSync } from 'node:fs';
import { chown, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readPid } from './directory-lock.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import { isRunning, isRunningFor } from './process-table.ts';
import { runCommand } from './run-command.ts';
import type { Account } from './unprivileged-account.ts';

export const POSTGRES_USER = 'throughline';

/** Known to all: the server takes connections from this machine only, and holds example data. */
export const POSTGRES_PASSWORD = 'throughline';

/** PostgreSQL's own provider: names sort the same on every machine, whatever its locales are. */
const ENCODING = [
  '--encoding=UTF8',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--locale=C',
];

interface PostgresDataOptions {
  /** the server's directory, locked by us */
  readonly directory: string;
  readonly binaries: PostgresBinaries;
  readonly account: Account | undefined;
  readonly temporary: boolean;
}

/** Makes the data directory if there is none, and returns its path. */
export async function ensurePostgresData(options: PostgresDataOptions): Promise<string> {
  const data = path.join(options.directory, 'data');
  await removeUnfinished(options.directory);
  if (existsSync(data)) await forgetForeignPid(data);
  else await initialise(data, options);
  return data;
}

/** Made aside and renamed, so that a data directory that is there is whole. */
async function initialise(data: string, options: PostgresDataOptions): Promise<void> {
  const { account, temporary } = options;
  const unfinished = path.join(options.directory, `unfinished-${String(process.pid)}`);
  await mkdir(unfinished, { mode: 0o700 });
  const passwordFile = path.join(unfinished, 'password');
  await writeFile(passwordFile, POSTGRES_PASSWORD);
  if (account) {
    await chown(unfinished, account.uid, account.gid);
    await chown(passwordFile, account.uid, account.gid);
  }
  const newData = path.join(unfinished, 'data');
  const flags = [`--username=${POSTGRES_USER}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
  const haste = temporary ? ['--no-sync'] : [];
  await runCommand(
    options.binaries.initdb,
    [`--pgdata=${newData}`, ...flags, ...ENCODING, ...haste],
    { cwd: unfinished, env: { LC_ALL: 'C' }, ...account },
  );
  await rename(newData, data);
  await rm(unfinished, { recursive: true });
}

/** A start that was killed on the way leaves these. */
async function removeUnfinished(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.startsWith('unfinished-')) continue;
    await rm(path.join(directory, name), { recursive: true, force: true });
  }
}

/**
 * PostgreSQL will not start while the process named in its pid file lives, and after a restart of the
 * machine, or in a new container, that number may well be somebody else's. A pid that is really dead
 * we leave to PostgreSQL, which then also looks for children the dead server may have left.
 */
async function forgetForeignPid(data: string): Promise<void> {
  const pidFile = path.join(data, 'postmaster.pid');
  const pid = readPid(pidFile);
  if (pid === undefined || !isRunning(pid) || (await isRunningFor(pid, path.dirname(data)))) return;
  await rm(pidFile, { force: true });
}
