import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fetchDebianTool } from '../debian-tool.ts';
import type { Program } from '../installed-program.ts';
import { scratchDirectory } from '../local-directory.ts';
import { tryCommand } from '../run-command.ts';
import { createScratchDirectory } from '../scratch-directory.ts';
import { startOnPort } from '../server-port.ts';
import { ServerProcess } from '../server-process.ts';

const how =
  'No PgBouncer was found: install it (brew install pgbouncer, apt-get install pgbouncer).';

/** A PgBouncer in transaction mode before that database, with so many sessions for all its clients. */
export async function startPgBouncer(
  databaseUrl: string,
  sessionsMax: number,
): Promise<AsyncDisposable & { readonly url: string }> {
  const { file, environment } = await findPgBouncer();
  const directory = await createScratchDirectory(scratchDirectory, 'pgbouncer');
  await using opened = new AsyncDisposableStack();
  const server = opened.use(
    await ServerProcess.open({ directory, stopSignal: 'SIGKILL', temporary: true }),
  );
  const url = new URL(databaseUrl);
  const settingsFile = path.join(directory, 'pgbouncer.ini');
  const running = await startOnPort(undefined, async (port) => {
    await writeFile(settingsFile, settings(url, port, sessionsMax));
    // It refuses to run as root, and changes to another user by itself.
    const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
    return server.start({
      file,
      arguments: [...user, settingsFile],
      environment,
      workingDirectory: directory,
      readyText: 'process up',
    });
  });
  url.port = String(running.port);
  const kept = opened.move();
  return { url: url.href, [Symbol.asyncDispose]: async () => kept.disposeAsync() };
}

/** The first time it may be fetched, which takes longer than a test should: call it in a hook that may take minutes. */
export async function findPgBouncer(): Promise<Program> {
  const installed = (await tryCommand('sh', ['-c', 'command -v pgbouncer']))?.trim();
  if (installed !== undefined && installed !== '') return { file: installed, environment: {} };
  const fetched = await fetchDebianTool({ name: 'pgbouncer', packages: ['pgbouncer'] });
  if (fetched === undefined) throw new Error(how);
  return { file: path.join(fetched.root, 'usr/sbin/pgbouncer'), environment: fetched.environment };
}

/** Whoever connects is let in: it listens on this machine, for one test. */
function settings({ hostname, port, username, password }: URL, ownPort: number, sessions: number) {
  return `[databases]
* = host=${hostname} port=${port} user=${username} password=${decodeURIComponent(password)}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${ownPort}
unix_socket_dir =
auth_type = any
pool_mode = transaction
max_client_conn = 1000
default_pool_size = ${sessions}
`;
}
