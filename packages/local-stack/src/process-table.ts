import { readFile } from 'node:fs/promises';
import { runCommand } from './run-command.ts';

/** Whether a process of that number exists, whoever owns it. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * Whether the process of that number was started for this directory. Numbers are used again, so a
 * pid file alone proves nothing; our servers all carry their directory in their command line.
 */
export async function isRunningFor(pid: number, directory: string): Promise<boolean> {
  if (!isRunning(pid)) return false;
  const commandLine = await readCommandLine(pid);
  return commandLine.includes(`${directory}/`);
}

/** How it was started, or nothing if it ended meanwhile. */
export async function readCommandLine(pid: number): Promise<string> {
  try {
    return process.platform === 'linux'
      ? await readFile(`/proc/${String(pid)}/cmdline`, 'utf8')
      : await runCommand('ps', ['-ww', '-o', 'command=', '-p', String(pid)]);
  } catch {
    return '';
  }
}
