import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { scratchDirectory, toolsDirectory } from './local-directory.ts';
import { runCommand, tryCommand } from './run-command.ts';
import { createScratchDirectory } from './scratch-directory.ts';

/**
 * Fetches the distribution's own Redis and unpacks it below `.local/`: no root, nothing installed,
 * the system's package lists and caches untouched. Resolves to nothing where there is no apt.
 */
export async function fetchDebianRedis(): Promise<DebianRedis | undefined> {
  const target = path.join(toolsDirectory, 'redis');
  if (!existsSync(target)) {
    if ((await tryCommand('apt-get', ['--version'])) === undefined) return undefined;
    await fetchInto(target);
  }
  return {
    file: path.join(target, 'usr/bin/redis-server'),
    environment: { LD_LIBRARY_PATH: (await findLibraryDirectories(target)).join(':') },
  };
}

interface DebianRedis {
  readonly file: string;
  /** Lets the program find the libraries that were unpacked with it. */
  readonly environment: { readonly LD_LIBRARY_PATH: string };
}

/** Unpacked aside and renamed, so that what is there is whole, and two starts at once do no harm. */
async function fetchInto(target: string): Promise<void> {
  const unfinished = await createScratchDirectory(scratchDirectory, 'fetch');
  try {
    const options = await prepareApt(unfinished);
    const packages = [
      'redis-server',
      ...(await listLibraries('redis-tools', options)),
      'redis-tools',
    ];
    // As root, apt would drop its rights to a user who may not write here, and warn about it.
    const unsandboxed = [...options, '-o', 'APT::Sandbox::User=root'];
    await runCommand('apt-get', [...unsandboxed, 'download', ...packages], { cwd: unfinished });
    const root = path.join(unfinished, 'root');
    for (const file of await readdir(unfinished)) {
      if (!file.endsWith('.deb')) continue;
      await runCommand('dpkg-deb', ['-x', path.join(unfinished, file), root]);
    }
    await mkdir(path.dirname(target), { recursive: true });
    await rename(root, target).catch((error: unknown) => {
      if (!existsSync(target)) throw error; // otherwise another start was quicker
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** Options for apt: the system's package lists if it has them, else lists of our own. */
async function prepareApt(unfinished: string): Promise<string[]> {
  const cache = path.join(unfinished, 'cache');
  await mkdir(cache);
  const options = ['-o', `Dir::Cache=${cache}`];
  const known = await tryCommand('apt-cache', [...options, 'show', 'redis-tools']);
  if (known !== undefined) return options;
  const lists = path.join(unfinished, 'lists');
  await mkdir(path.join(lists, 'partial'), { recursive: true });
  const ownLists = [...options, '-o', `Dir::State::Lists=${lists}`];
  await runCommand('apt-get', [...ownLists, '-o', 'APT::Sandbox::User=root', 'update']);
  return ownLists;
}

/**
 * The libraries a package needs directly. Their names differ between releases (libssl3, libssl3t64),
 * so apt is asked. The C library stays the system's: it must match the system's loader.
 */
async function listLibraries(name: string, options: readonly string[]): Promise<string[]> {
  const answer = await runCommand('apt-cache', [...options, 'depends', name]);
  return answer
    .split('\n')
    .map((line) => /^\s*Depends: ((?:lib|lua-)[\w.+-]+)$/.exec(line)?.[1])
    .filter((library) => library !== undefined && !/^libc\d/.test(library))
    .filter((library) => library !== undefined);
}

/** Libraries lie below lib/<architecture>, whatever that is called here. */
async function findLibraryDirectories(root: string): Promise<string[]> {
  const files = await readdir(root, { recursive: true, withFileTypes: true });
  const directories = files.filter((file) => file.name.includes('.so')).map((f) => f.parentPath);
  return [...new Set(directories)];
}
