import path from 'node:path';
import { tryCommand } from './run-command.ts';

/** A program, with the environment it needs. */
export interface Program {
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Where Homebrew links its programs, on Apple silicon and on Intel; often not on a script's PATH. */
const HOMEBREW_DIRECTORIES = ['/opt/homebrew/bin', '/usr/local/bin'];

/** Where a program of one of these names may be on this machine: on the PATH, then in Homebrew's places. */
export async function findInstalled(names: readonly string[]): Promise<string[]> {
  const onPath = await Promise.all(
    names.map((name) => tryCommand('sh', ['-c', `command -v ${name}`])),
  );
  const homebrew = HOMEBREW_DIRECTORIES.flatMap((directory) =>
    names.map((name) => path.join(directory, name)),
  );
  const found = onPath.map((file) => file?.trim() ?? '').filter((file) => path.isAbsolute(file));
  return [...found, ...(process.platform === 'darwin' ? homebrew : [])];
}
