import { execFile } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { env } from 'node:process';
import { promisify } from 'node:util';
import { consoleDirectory } from '../../directory.ts';

const run = promisify(execFile);
const root = path.join(import.meta.dirname, '../..');

/** What goes into the page. */
const sources = [
  'src',
  'index.html',
  'vite.config.ts',
  'package.json',
  '../../packages/client/src',
];

/** Vitest calls this once for a run: the browser tests look at what the sources say now. */
export async function setup(): Promise<void> {
  const builtMs = await changedMs(path.join(consoleDirectory, 'index.html')).catch(() => 0);
  const changes = await Promise.all(sources.map(async (name) => changedMs(path.join(root, name))));
  if (Math.max(...changes) < builtMs) return;
  // In a process of its own: within Vitest, React would be built as it is for tests.
  await run('npm', ['run', 'build'], { cwd: root, env: { ...env, NODE_ENV: 'production' } });
}

/** When a file was changed last, or the latest of those in a folder. */
async function changedMs(file: string): Promise<number> {
  const found = await stat(file);
  if (!found.isDirectory()) return found.mtimeMs;
  const names = await readdir(file);
  const times = await Promise.all(names.map(async (name) => changedMs(path.join(file, name))));
  return Math.max(0, ...times);
}
