import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { ShellVariables } from './shell-variables.ts';

const urls = {
  trpcUrl: 'http://127.0.0.1:3000/trpc',
  metricsUrl: 'http://127.0.0.1:9464/metrics',
  healthUrl: 'http://127.0.0.1:9464/health/ready',
};
const stores = { DATABASE_URL: 'postgres://a:b@127.0.0.1/c', REDIS_URL: 'redis://127.0.0.1' };

test('a shell that reads the file knows where the service is and has a token, which nobody else can read', async () => {
  await using directory = await temporaryDirectory();
  const file = path.join(directory.path, 'demo.env');
  await writeFile(file, 'export TOKEN=of-a-run-before\n', { mode: 0o644 });
  await using variables = await ShellVariables.write({ file, urls, token: 'a.b.c', stores });
  const command =
    '. "$0"; sh -c \'echo "$URL $METRICS_URL $HEALTH_URL $TOKEN $DATABASE_URL $REDIS_URL"\'';
  const { stdout } = await promisify(execFile)('sh', ['-c', command, variables.file]);
  expect(stdout.trim()).toBe([...Object.values(urls), 'a.b.c', ...Object.values(stores)].join(' '));
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test('the file is gone once the service is', async () => {
  await using directory = await temporaryDirectory();
  const file = path.join(directory.path, 'demo.env');
  const variables = await ShellVariables.write({ file, urls, token: 'a.b.c', stores });
  await variables[Symbol.asyncDispose]();
  await expect(readFile(file)).rejects.toThrow('ENOENT');
});

async function temporaryDirectory(): Promise<AsyncDisposable & { path: string }> {
  const directory = await mkdtemp(path.join(tmpdir(), 'shell-variables-'));
  return {
    path: directory,
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}
