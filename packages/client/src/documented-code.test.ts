import { execFile } from 'node:child_process';
import { mkdtempDisposable, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');
const readme = 'packages/client/README.md';

interface Block {
  readonly code: string;
  /** The file that the line before names as its source. */
  readonly file: string | undefined;
}

async function blocksOf(document: string): Promise<Block[]> {
  const text = await readFile(path.join(root, document), 'utf8');
  const pattern = /(?:\]\(([^)]+\.ts)\):\n\n)?```ts\n(.*?)```/gs;
  return Array.from(text.matchAll(pattern), ([, link, code = '']) => ({
    code,
    file: link && path.relative(root, path.resolve(root, path.dirname(document), link)),
  }));
}

test('what the documents show of the examples is what their files hold', async () => {
  const documents = ['README.md', readme];
  const blocks = (await Promise.all(documents.map(blocksOf))).flat();
  const shown: string[] = [];
  for (const { file, code } of blocks) {
    if (file === undefined) continue;
    expect(code, file).toBe(await readFile(path.join(root, file), 'utf8'));
    shown.push(file);
  }
  expect(shown).toEqual([
    'examples/quickstart/quickstart.ts',
    'examples/quickstart/quickstart.ts',
    'examples/shop-page/shop-page.ts',
    'examples/stock-reservation/stock-reservation.ts',
    'examples/price-import/price-import.ts',
  ]);
});

test("what else the client's README shows compiles", async () => {
  const blocks = (await blocksOf(readme)).filter(({ file }) => file === undefined);
  expect(blocks.length).toBeGreaterThan(5);
  await using folder = await mkdtempDisposable(path.join(tmpdir(), 'documented-code-'));
  const write = async (name: string, text: string) => writeFile(path.join(folder.path, name), text);
  await symlink(path.join(root, 'node_modules'), path.join(folder.path, 'node_modules'));
  await write('package.json', '{ "type": "module" }');
  await write(
    'tsconfig.json',
    JSON.stringify({
      extends: path.join(root, 'tsconfig.base.json'),
      compilerOptions: { noUnusedLocals: false, preserveSymlinks: false },
      include: ['*.ts'],
    }),
  );
  await write('given.d.ts', given);
  for (const [index, { code }] of blocks.entries()) {
    await write(`block-${index}.ts`, `export {};\n${code}`);
  }
  const { stdout } = await promisify(execFile)(path.join(root, 'node_modules/.bin/tsc'), {
    cwd: folder.path,
  }).catch((err: { stdout: string }) => err);
  expect(stdout).toBe('');
}, 60_000);

/** What the blocks take for granted. */
const given = `
import * as library from '@throughline/client';
declare global {
  const client: library.ThroughlineClient;
  const createClient: typeof library.createClient;
  const failureOf: typeof library.failureOf;
  const url: string;
  const orderId: number;
  const request: Request;
}
`;
