import { execFile } from 'node:child_process';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Makes what is published: JavaScript and declarations, as Node strips no types below `node_modules`, with a manifest
 * that names them. Within the repository the sources run as they are.
 */
export async function buildPackage(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  const compiler = fileURLToPath(import.meta.resolve('typescript/package.json'));
  const tsc = path.join(path.dirname(compiler), 'bin', 'tsc');
  const project = path.join(root, 'tsconfig.build.json');
  await promisify(execFile)(process.execPath, [tsc, '--project', project, '--outDir', directory]);

  const manifest: object = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  const published = {
    ...manifest,
    exports: { '.': { types: './index.d.ts', default: './index.js' } },
    scripts: undefined,
    devDependencies: undefined,
  };
  await writeFile(path.join(directory, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
  for (const file of ['README.md', 'LICENSE']) {
    await cp(path.join(root, file), path.join(directory, file));
  }
}
