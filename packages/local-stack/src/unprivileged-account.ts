import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { runCommand, tryCommand } from './run-command.ts';

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root; then it runs as `nobody`, who exists on every machine. */
export async function findUnprivilegedAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const [uid, gid] = await Promise.all([
    runCommand('id', ['-u', 'nobody']),
    runCommand('id', ['-g', 'nobody']),
  ]);
  return { uid: Number(uid), gid: Number(gid) };
}

/** Whether the account (or ourselves, without one) may enter the directory and all above it. */
export async function canReach(account: Account | undefined, directory: string): Promise<boolean> {
  if (!account) return true;
  const answer = await tryCommand('test', ['-x', directory], { ...account, cwd: '/' });
  return answer !== undefined;
}

/**
 * The directory itself if the account can reach it. A checkout below a directory that only root may
 * enter (such as /root) has its place in /var/tmp instead, which unlike /tmp survives a restart.
 */
export async function reachableDirectory(
  account: Account | undefined,
  directory: string,
): Promise<string> {
  await mkdir(directory, { recursive: true });
  if (await canReach(account, directory)) return directory;
  const hash = createHash('sha256').update(directory).digest('hex').slice(0, 16);
  const substitute = path.join('/var/tmp', `throughline-${hash}`);
  await mkdir(substitute, { recursive: true });
  const { uid } = await lstat(substitute);
  if (uid !== process.getuid?.()) {
    throw new Error(
      `${substitute} belongs to another user (${String(uid)}). Delete it, then start again.`,
    );
  }
  await chmod(substitute, 0o755); // whatever our umask is
  return substitute;
}
