import { createServer } from 'node:http';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { isPortFree } from './free-port.ts';
import { NodeProgram } from './node-program.ts';
import { ServerStartError } from './server-process.ts';

const require = createRequire(import.meta.url);
const file = require.resolve('./testing/fixtures/listening-program.ts');

test('a program is ready when it says so, with its variables alone, and comes again on its port', async () => {
  await using program = await start();
  expect(await answerOf(program)).toBe('one');
  const { pid } = program;
  await program.kill();
  await expect(answerOf(program)).rejects.toThrow('fetch failed');
  await program.restart();
  expect(await answerOf(program)).toBe('one');
  expect(program.pid).not.toBe(pid);
});

test('a program that is stopped in mid-air answers when it goes on', async () => {
  await using program = await start();
  await program.pause();
  const answer = answerOf(program);
  const silent = AbortSignal.timeout(300);
  await expect(Promise.race([answer, once(silent, 'abort').then(() => 'silent')])).resolves.toBe(
    'silent',
  );
  await program.resume();
  expect(await answer).toBe('one');
});

test('nothing of it stays after it was disposed of', async () => {
  const program = await start();
  const port = program.portOf('http');
  await program[Symbol.asyncDispose]();
  expect(await isPortFree(port)).toBe(true);
});

test('a port that is asked for and taken is an error that says so', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await expect(start(port)).rejects.toBeInstanceOf(ServerStartError);
  await expect(start(port)).rejects.toThrow('address already in use');
  other.close();
});

async function start(port?: number): Promise<NodeProgram<'http'>> {
  return NodeProgram.start({
    noun: 'program',
    file,
    ports: new Map([['http', port]]),
    environment: (portOf) => ({ PORT: String(portOf('http')), MARK: 'one' }),
    readyText: 'it listens',
  });
}

async function answerOf(program: NodeProgram<'http'>): Promise<string> {
  return (await fetch(`http://127.0.0.1:${String(program.portOf('http'))}`)).text();
}
