import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { buildPackage } from './build-package.ts';

const program = `
import { createHttpHandler } from '@throughline/http-adapter';
import { initTRPC } from '@trpc/server';
import { createServer } from 'node:http';

const t = initTRPC.create();
const router = t.router({ hello: t.procedure.query(() => 'from a package') });
const server = createServer(createHttpHandler({ router }));
server.listen(0, '127.0.0.1', async () => {
  const response = await fetch(\`http://127.0.0.1:\${server.address().port}/hello\`);
  console.log(await response.text());
  server.closeAllConnections();
  server.close();
});
`;

test(
  'the package that is published serves a router without the repository',
  { timeout: 60_000 },
  async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'http-adapter-'));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    const modules = path.join(directory, 'node_modules');
    await buildPackage(path.join(modules, '@throughline', 'http-adapter'));
    const trpc = path.dirname(fileURLToPath(import.meta.resolve('@trpc/server/package.json')));
    await symlink(path.dirname(trpc), path.join(modules, '@trpc'));
    const file = path.join(directory, 'program.mjs');
    await writeFile(file, program);
    const { stdout } = await promisify(execFile)(process.execPath, [file]);
    expect(stdout.trim()).toBe('{"result":{"data":"from a package"}}');
  },
);
