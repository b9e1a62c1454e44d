import { hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { tryLock } from './directory-lock.ts';
import { scratchDirectory, toolsDirectory } from './local-directory.ts';
import { runCommand, tryCommand } from './run-command.ts';
import { createScratchDirectory } from './scratch-directory.ts';

/** A fetch takes seconds to half a minute. */
const LOOK_EVERY_MS = 100;

export interface DebianToolOptions {
  /** what its directory below `.local/tools` begins with */
  readonly name: string;
  /** the distribution's packages that hold it; the libraries that they need come along */
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
  const root = directoryOf(options);
  if (!existsSync(root)) {
    if ((await tryCommand('apt-get', ['--version'])) === undefined) return undefined;
    await fetchOnce(root, options.packages);
  }
  return {
    root,
    environment: { LD_LIBRARY_PATH: (await findLibraryDirectories(root)).join(':') },
  };
}

/** Named after the packages too: a checkout that fetched others before fetches these. */
export function directoryOf({ name, packages }: DebianToolOptions): string {
  const named = hash('sha256', [...packages].toSorted().join(' ')).slice(0, 8);
  return path.join(toolsDirectory, `${name}-${named}`);
}

/** Of two starts at once, the second waits for what the first fetches. */
async function fetchOnce(target: string, wanted: readonly string[]): Promise<void> {
  await mkdir(path.dirname(target), { recursive: true });
  const unlock = await lock(`${target}.lock`);
  try {
    if (!existsSync(target)) await fetchInto(target, wanted);
  } finally {
    unlock();
  }
}

async function lock(file: string): Promise<() => void> {
  for (;;) {
    const unlock = tryLock(file);
    if (unlock) return unlock;
    await delay(LOOK_EVERY_MS);
  }
}

/** Unpacked aside and renamed, so that what is there is whole. */
async function fetchInto(target: string, wanted: readonly string[]): Promise<void> {
  const unfinished = await createScratchDirectory(scratchDirectory, 'fetch');
  try {
    const options = await prepareApt(unfinished, wanted);
    const packages = await withLibraries(wanted, options);
    // As root, apt would drop its rights to a user who may not write here, and warn about it.
    const unsandboxed = [...options, '-o', 'APT::Sandbox::User=root'];
    await runCommand('apt-get', [...unsandboxed, 'download', ...packages], { cwd: unfinished });
    const root = path.join(unfinished, 'root');
    for (const file of await readdir(unfinished)) {
      if (!file.endsWith('.deb')) continue;
      await runCommand('dpkg-deb', ['-x', path.join(unfinished, file), root]);
    }
    await rename(root, target);
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

/** The packages, what they need, what that needs, and so on: an empty machine has none of it. */
async function withLibraries(
  wanted: readonly string[],
  options: readonly string[],
): Promise<Set<string>> {
  const known = new Set<string>();
  for (let added = wanted; added.length > 0;) {
    for (const name of added) known.add(name);
    added = (await listLibraries(added, options)).filter((name) => !known.has(name));
  }
  return known;
}

/**
 * The libraries (of a web page too, with its fonts) that packages need directly. Their names differ
 * between releases (libssl3, libssl3t64), so apt is asked. The C library stays the system's: it must
 * match the system's loader.
 */
async function listLibraries(
  names: readonly string[],
  options: readonly string[],
): Promise<string[]> {
  const answer = await runCommand('apt-cache', [...options, 'depends', ...names]);
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
