import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { tryLock } from './directory-lock.ts';
import { isRunning } from './process-table.ts';
import { stopStaleServer } from './stale-server.ts';

/** Makes an empty directory whose name says which process made it, so that leftovers are known. */
export async function createScratchDirectory(parent: string, noun: string): Promise<string> {
  await mkdir(parent, { recursive: true });
  return mkdtemp(path.join(parent, `${noun}-${String(process.pid)}-`));
}

/**
 * Deletes what killed runs left: directories whose maker is gone and whose keeper, if there was one,
 * is gone as well. (A keeper that lives holds the lock and is about to delete its directory itself.)
 */
export async function removeLeftovers(parent: string): Promise<void> {
  for (const name of existsSync(parent) ? await readdir(parent) : []) {
    const makerPid = Number(/^[a-z]+-(\d+)-/.exec(name)?.[1] ?? 0);
    if (makerPid === 0 || isRunning(makerPid)) continue;
    await removeUnlocked(path.join(parent, name));
  }
}

async function removeUnlocked(directory: string): Promise<void> {
  try {
    const unlock = tryLock(path.join(directory, 'lock'));
    if (!unlock) return;
    try {
      await stopStaleServer(directory, 'SIGKILL');
      await rm(directory, { recursive: true, force: true });
    } finally {
      unlock();
    }
  } catch {
    // Another start may be deleting the same leftovers; what stays now goes at the next start.
  }
}
