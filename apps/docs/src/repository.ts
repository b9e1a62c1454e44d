import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../../..');

const madeHere = new Set(['node_modules', '.local', '.git', '.turbo', 'dist']);

/** Files of the repository that match a pattern, from its root, with slashes, in the order of their names. */
export async function filesLike(pattern: string | readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for await (const file of glob(pattern, { cwd: root, exclude: isMadeHere })) {
    files.push(file.split(path.sep).join('/'));
  }
  return files.sort();
}

function isMadeHere(file: string): boolean {
  return madeHere.has(path.basename(file));
}

/** The text of a file of the repository. */
export async function textOf(file: string): Promise<string> {
  return readFile(path.join(root, file), 'utf8');
}
