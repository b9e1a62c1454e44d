import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isRunning } from './process-table.ts';

/** How long one attempt waits inside SQLite before we look again at who holds the lock. */
const ATTEMPT_MS = 100;

/** Longer than a keeper needs to stop its server and kill it when it will not stop. */
const WAIT_MS_MAX = 30_000;

/** SQLITE_BUSY, https://www.sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5;

type DirectoryLock =
  { readonly outcome: 'locked'; unlock(): void } | { readonly outcome: 'held'; holderPid: number };

/**
 * Locks a directory until this process ends, however it ends. Node has no flock(2), but SQLite's lock
 * on its file is one the kernel gives back when its holder dies, so a lock is never stale.
 *
 * `holderPid` is written down for people: it is the process that asked for the server, while the
 * lock is held by that server's keeper, which outlives it for as long as stopping takes. A holder
 * that is already dead is therefore waited for; one that lives is reported.
 */
export function lockDirectory(directory: string, holderPid: number): DirectoryLock {
  const holderFile = path.join(directory, 'holder.pid');
  const giveUpAt = performance.now() + WAIT_MS_MAX;
  for (;;) {
    const unlock = tryLock(path.join(directory, 'lock'));
    if (unlock) {
      writeFileSync(holderFile, `${String(holderPid)}\n`);
      return { outcome: 'locked', unlock };
    }
    const otherPid = readPid(holderFile);
    if (otherPid !== undefined && (isRunning(otherPid) || performance.now() > giveUpAt)) {
      return { outcome: 'held', holderPid: otherPid };
    }
  }
}

/** Locks nobody refers to would be given back whenever the garbage collector finds them. */
const heldLocks = new Set<DatabaseSync>();

/** Takes the lock if nobody has it, and says nothing about who does. */
export function tryLock(file: string): (() => void) | undefined {
  const database = new DatabaseSync(file, { timeout: ATTEMPT_MS });
  try {
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE'); // no second file beside it
    heldLocks.add(database);
    return () => {
      heldLocks.delete(database);
      database.close();
    };
  } catch (error) {
    database.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY)
      return undefined;
    throw error;
  }
}

/** The number in a pid file, if there is a whole one. */
export function readPid(file: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}
