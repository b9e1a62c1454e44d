import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ServerCommand } from './keeper-protocol.ts';
import { isRunning } from './process-table.ts';
import { DirectoryHeldError, ServerProcess, ServerStartError } from './server-process.ts';

async function createDirectory(): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'local-stack-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Stands for a server: a program that says it is ready and runs until it gets a signal. */
function serverCommand(directory: string, script = ''): ServerCommand {
  return {
    file: process.execPath,
    arguments: ['-e', `${script}; setInterval(() => {}, 1000); console.log('up')`, `${directory}/`],
    environment: {},
    workingDirectory: directory,
    readyText: 'up',
  };
}

function open(directory: string, temporary = false): Promise<ServerProcess> {
  return ServerProcess.open({ directory, stopSignal: 'SIGTERM', temporary });
}

test('a server left by a killed keeper is stopped by the next start on its directory', async () => {
  const directory = await createDirectory();
  await using orphaning = await open(directory);
  const orphanPid = await orphaning.start(serverCommand(directory));
  process.kill(orphaning.keeperPid, 'SIGKILL');
  await orphaning[Symbol.asyncDispose]();
  expect(isRunning(orphanPid)).toBe(true);

  await using next = await open(directory);
  const pid = await next.start(serverCommand(directory));

  expect(isRunning(orphanPid)).toBe(false);
  expect(isRunning(pid)).toBe(true);
});

test('a directory belongs to one server process at a time', async () => {
  const directory = await createDirectory();
  {
    await using holder = await open(directory);
    await holder.start(serverCommand(directory));
    await expect(open(directory)).rejects.toBeInstanceOf(DirectoryHeldError);
  }
  await using next = await open(directory);
  await next.start(serverCommand(directory));
});

test('a server asked to stop while it starts does not stay behind', async () => {
  const directory = await createDirectory();
  const server = await open(directory);
  const neverReady = server.start({ ...serverCommand(directory), readyText: 'never printed' });
  const [refused] = await Promise.allSettled([neverReady, server[Symbol.asyncDispose]()]);

  expect(refused.status).toBe('rejected');
  expect(existsSync(path.join(directory, 'server.pid'))).toBe(false);
});

test('a server that ends early is an error that shows its last words', async () => {
  const directory = await createDirectory();
  await using server = await open(directory);
  const start = server.start(serverCommand(directory, `console.error('no disk'); process.exit(1)`));
  await expect(start).rejects.toBeInstanceOf(ServerStartError);
  await expect(start).rejects.toThrow('no disk');
});

test('a program that does not exist is an error, and the next start works', async () => {
  const directory = await createDirectory();
  await using server = await open(directory);
  const start = server.start({ ...serverCommand(directory), file: '/no/such/server' });
  await expect(start).rejects.toThrow('ENOENT');
  await expect(server.start(serverCommand(directory))).resolves.toBeGreaterThan(0);
});

test('a temporary directory is deleted in the end, a kept one is not', async () => {
  const [kept, temporary] = [await createDirectory(), await createDirectory()];
  await (await open(kept))[Symbol.asyncDispose]();
  await (await open(temporary, true))[Symbol.asyncDispose]();
  expect([existsSync(kept), existsSync(temporary)]).toEqual([true, false]);
});

test('after the server is disposed of, a start says why it cannot be', async () => {
  const directory = await createDirectory();
  const server = await open(directory);
  await server[Symbol.asyncDispose]();
  await expect(server.start(serverCommand(directory))).rejects.toThrow('Start a new one');
});
