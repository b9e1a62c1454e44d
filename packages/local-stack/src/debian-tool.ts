import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { scratchDirectory, toolsDirectory } from './local-directory.ts';
import { runCommand, tryCommand } from './run-command.ts';
import { createScratchDirectory } from './scratch-directory.ts';

export interface DebianToolOptions {
  /** its directory below `.local/tools` */
  readonly name: string;
  /** the distribution's packages that hold it; what they need directly comes along */
  readonly packages: readonly string[];
}

/** Packages of the distribution, unpacked in a directory of this checkout. */
export interface DebianTool {
  /** stands for `/`: the programs are below `usr/bin` */
  readonly root: string;
  /** Lets the programs find the libraries that were unpacked with them. */
  readonly environment: { readonly LD_LIBRARY_PATH: string };
}

/**
 * Fetches packages of the distribution itself and unpacks them below `.local/`: no root, nothing
 * installed, the system's package lists and caches untouched. Resolves to nothing where there is no apt.
 */
export async function fetchDebianTool(options: DebianToolOptions): Promise<DebianTool | undefined> {
  const root = path.join(toolsDirectory, options.name);
  if (!existsSync(root)) {
    if ((await tryCommand('apt-get', ['--version'])) === undefined) return undefined;
    await fetchInto(root, options.packages);
  }
  return {
    root,
    environment: { LD_LIBRARY_PATH: (await findLibraryDirectories(root)).join(':') },
  };
}

/** Unpacked aside and renamed, so that what is there is whole, and two starts at once do no harm. */
async function fetchInto(target: string, wanted: readonly string[]): Promise<void> {
  const unfinished = await createScratchDirectory(scratchDirectory, 'fetch');
  try {
    const options = await prepareApt(unfinished, wanted);
    const libraries = await Promise.all(wanted.map((name) => listLibraries(name, options)));
    const packages = new Set([...wanted, ...libraries.flat()]);
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
async function prepareApt(unfinished: string, wanted: readonly string[]): Promise<string[]> {
  const cache = path.join(unfinished, 'cache');
  await mkdir(cache);
  const options = ['-o', `Dir::Cache=${cache}`];
  const known = await tryCommand('apt-cache', [...options, 'show', ...wanted]);
  if (known !== undefined) return options;
  const lists = path.join(unfinished, 'lists');
  await mkdir(path.join(lists, 'partial'), { recursive: true });
  const ownLists = [...options, '-o', `Dir::State::Lists=${lists}`];
  await runCommand('apt-get', [...ownLists, '-o', 'APT::Sandbox::User=root', 'update']);
  return ownLists;
}

/**
 * The libraries (of a web page too, with its fonts) that a package needs directly. Their names differ
 * between releases (libssl3, libssl3t64), so apt is asked. The C library stays the system's: it must
 * match the system's loader.
 */
async function listLibraries(name: string, options: readonly string[]): Promise<string[]> {
  const answer = await runCommand('apt-cache', [...options, 'depends', name]);
  return answer
    .split('\n')
    .map((line) => /^\s*Depends: ((?:lib|lua-|fonts-)[\w.+-]+)$/.exec(line)?.[1])
    .filter((library) => library !== undefined)
    .filter((library) => !/^libc\d/.test(library));
}

/** Libraries lie below lib/<architecture>, whatever that is called here. */
async function findLibraryDirectories(root: string): Promise<string[]> {
  const files = await readdir(root, { recursive: true, withFileTypes: true });
  const directories = files.filter((file) => file.name.includes('.so')).map((f) => f.parentPath);
  return [...new Set(directories)];
}
