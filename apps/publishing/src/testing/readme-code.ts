import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { root } from '../published-package.ts';

/** The TypeScript that a package's README shows, block by block. */
export async function readmeCode(packageName: string): Promise<string[]> {
  const text = await readFile(path.join(root, 'packages', packageName, 'README.md'), 'utf8');
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code);
}

/** The lines of a README until its first heading below the title. */
export async function firstScreen(packageName: string): Promise<string> {
  const text = await readFile(path.join(root, 'packages', packageName, 'README.md'), 'utf8');
  return text.split(/^## /m)[0] ?? '';
}
