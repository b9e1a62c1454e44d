import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Writes the files, and deletes other files of the same kind: nothing is left of a rule that was renamed. */
export async function writeFiles(
  directory: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  for (const name of await leftovers(directory, files)) await rm(path.join(directory, name));
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(directory, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}

/** The names of the files that are not, or not only, what would be written now. */
export async function staleFiles(
  directory: string,
  files: Readonly<Record<string, string>>,
): Promise<string[]> {
  const stale = await leftovers(directory, files);
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(directory, name);
    if (!existsSync(file) || (await readFile(file, 'utf8')) !== text) stale.push(name);
  }
  return stale;
}

async function leftovers(
  directory: string,
  files: Readonly<Record<string, string>>,
): Promise<string[]> {
  const names = existsSync(directory) ? await readdir(directory, { recursive: true }) : [];
  return names.filter((name) => /\.(yml|json)$/.test(name) && !Object.hasOwn(files, name));
}
