import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startLocalStack } from './local-stack.ts';
import { DirectoryHeldError } from './server-process.ts';
import { postgresQuery } from './testing/fixtures/postgres-query.ts';
import { redisCommand } from './redis-command.ts';
import { spawnNode, type SpawnedNode } from './testing/spawned-node.ts';

const require = createRequire(import.meta.url);
const holdStack = require.resolve('./testing/fixtures/hold-stack.ts');

async function createDirectory(): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'local-stack-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  await chmod(directory, 0o755); // else PostgreSQL's data would go elsewhere when we are root
  return directory;
}

async function urlsOf(program: SpawnedNode): Promise<{ databaseUrl: string; redisUrl: string }> {
  const [, databaseUrl = '', redisUrl = ''] = await program.waitForLine(/^ready (\S+) (\S+)$/);
  return { databaseUrl, redisUrl };
}

/** Resolves when the server behind the URL closes the connection we hold to it: when it ends. */
async function watchServer(url: string): Promise<{ readonly ended: Promise<unknown> }> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  await once(socket, 'connect');
  socket.on('error', () => {}); // a reset is an end as well
  socket.resume();
  return { ended: new Promise((resolve) => socket.once('close', resolve)) };
}

async function canConnect(url: string): Promise<boolean> {
  return watchServer(url).then(
    () => true,
    () => false,
  );
}

test('two stacks run side by side', async () => {
  const stacks = await Promise.all([
    startLocalStack({ temporary: true }),
    startLocalStack({ temporary: true }),
  ]);
  await using owned = new AsyncDisposableStack();
  for (const stack of stacks) owned.use(stack);
  const [first, second] = stacks;

  await postgresQuery(first.databaseUrl, 'CREATE TABLE only_in_first (id int)');
  await redisCommand(first.redisUrl, 'SET only-in-first 1');

  await expect(postgresQuery(second.databaseUrl, 'TABLE only_in_first')).rejects.toThrow(
    'does not exist',
  );
  expect(await redisCommand(second.redisUrl, 'EXISTS only-in-first')).toBe(':0\r\n');
});

test('kept data is found again after a stop', async () => {
  const directory = await createDirectory();
  {
    await using stack = await startLocalStack({ directory });
    await postgresQuery(stack.databaseUrl, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await redisCommand(stack.redisUrl, 'SET kept 42');
  }
  await using stack = await startLocalStack({ directory });
  expect(await postgresQuery(stack.databaseUrl, 'TABLE kept')).toEqual([{ answer: 42 }]);
  expect(await redisCommand(stack.redisUrl, 'GET kept')).toBe('$2\r\n42\r\n');
});

test('a second start on the same data says who holds it, and leaves the first alone', async () => {
  const directory = await createDirectory();
  await using first = spawnNode(holdStack, { args: [directory] });
  const { databaseUrl, redisUrl } = await urlsOf(first);

  const second = startLocalStack({ directory });
  await expect(second).rejects.toBeInstanceOf(DirectoryHeldError);
  await expect(second).rejects.toThrow(`in use by process ${String(first.pid)}`);

  expect(await postgresQuery(databaseUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  expect(await redisCommand(redisUrl, 'PING')).toBe('+PONG\r\n');
});

test('a run killed by SIGKILL leaves no server behind', async () => {
  await using program = spawnNode(holdStack);
  const { databaseUrl, redisUrl } = await urlsOf(program);
  const servers = await Promise.all([databaseUrl, redisUrl].map(watchServer));

  program.kill('SIGKILL');
  await program.exit;
  await Promise.all(servers.map(({ ended }) => ended));

  await expect.poll(() => canConnect(databaseUrl)).toBe(false);
  await expect.poll(() => canConnect(redisUrl)).toBe(false);
});

test('after a run killed by SIGKILL the next start finds its data at once', async () => {
  const directory = await createDirectory();
  await using program = spawnNode(holdStack, { args: [directory] });
  const killed = await urlsOf(program);
  await postgresQuery(killed.databaseUrl, 'CREATE TABLE kept AS SELECT 42 AS answer');
  await redisCommand(killed.redisUrl, 'SET kept 42');

  program.kill('SIGKILL');
  await program.exit;

  await using stack = await startLocalStack({ directory });
  expect(await postgresQuery(stack.databaseUrl, 'TABLE kept')).toEqual([{ answer: 42 }]);
  expect(await redisCommand(stack.redisUrl, 'GET kept')).toBe('$2\r\n42\r\n');
});

test('Ctrl-C leaves the servers to the program until it has drained', async () => {
  await using program = spawnNode(holdStack, { detached: true });
  const { databaseUrl, redisUrl } = await urlsOf(program);
  const servers = await Promise.all([databaseUrl, redisUrl].map(watchServer));

  process.kill(-program.pid, 'SIGINT'); // as a terminal does: to the whole process group
  await program.waitForLine(/^draining$/);
  expect(await postgresQuery(databaseUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  expect(await redisCommand(redisUrl, 'PING')).toBe('+PONG\r\n');

  program.kill('SIGUSR2');
  await program.waitForLine(/^stopped$/);
  await Promise.all(servers.map(({ ended }) => ended));
});
