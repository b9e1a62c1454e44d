import { expect, test } from 'vitest';
import { spawnNode } from './spawned-node.ts';

function runScript(script: string, env: Record<string, string | undefined> = {}) {
  return spawnNode('-e', { args: [script], env });
}

test('a line printed before anybody waited for it is found', async () => {
  await using program = runScript(`console.log('port 4711')`);
  await program.exit;
  expect((await program.waitForLine(/^port (\d+)$/))[1]).toBe('4711');
});

test('a line still to come is waited for', async () => {
  await using program = runScript(`process.once('SIGUSR2', () => console.log('told'));
    setInterval(() => {}, 1000); console.log('up');`);
  await program.waitForLine(/^up$/);
  program.kill('SIGUSR2');
  expect((await program.waitForLine(/told/))[0]).toBe('told');
});

test('waiting for a line that never comes ends with the program, and shows what it printed', async () => {
  await using program = runScript(`console.error('no database'); process.exit(3)`);
  await expect(program.waitForLine(/ready/)).rejects.toThrow(
    /ended without a line like \/ready\/.*no database/s,
  );
  expect(await program.exit).toEqual({ code: 3, signal: null });
});

test('waiting for a line ends when its time is over', async () => {
  await using program = runScript('setInterval(() => {}, 1000)');
  await expect(program.waitForLine(/ready/, 10)).rejects.toThrow('took 10 ms');
});

test('all lines are read in order, to the end', async () => {
  await using program = runScript(`for (let i = 0; i < 1000; i += 1) console.log(i)`);
  const lines = await Array.fromAsync(program);
  expect(lines).toEqual(Array.from({ length: 1000 }, (_, index) => String(index)));
});

test('the program has the variables it was given besides our own', async () => {
  await using program = runScript('console.log(process.env.GIVEN, process.env.NODE_ENV)', {
    GIVEN: 'yes',
    NODE_ENV: undefined,
  });
  await program.exit;
  expect(program.stdout).toEqual(['yes undefined']);
});

test('a program that is disposed of is gone, even if it ignores SIGTERM', async () => {
  const program = runScript(`process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);
    console.log('up');`);
  await program.waitForLine(/^up$/);
  program.kill('SIGTERM');
  await program[Symbol.asyncDispose]();
  expect(await program.exit).toEqual({ code: null, signal: 'SIGKILL' });
});
