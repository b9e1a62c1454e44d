import { existsSync } from 'node:fs';
import { chmod, readFile, rename, writeFile } from 'node:fs/promises';

/**
 * A copy of a program in which one built-in absolute path is a relative one of the same length, so that
 * it finds its files without being installed: below `linkName` in the directory that it is started in.
 */
export async function relocateProgram(
  file: string,
  options: { readonly builtInPath: string; readonly linkName: string },
): Promise<string> {
  const copy = `${file}.relocated`;
  if (existsSync(copy)) return copy;
  const program = await readFile(file);
  const relativePath = `.${options.linkName.padStart(options.builtInPath.length - 1, '/')}`;
  for (let at = -1; (at = program.indexOf(options.builtInPath, at + 1)) !== -1;) {
    program.write(relativePath, at);
  }
  const unfinished = `${copy}.${String(process.pid)}`;
  await writeFile(unfinished, program);
  await chmod(unfinished, 0o755);
  await rename(unfinished, copy);
  return copy;
}
