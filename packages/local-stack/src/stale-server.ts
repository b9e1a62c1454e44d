import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readPid } from './directory-lock.ts';
import { isRunning, isRunningFor } from './process-table.ts';

const STOP_MS_MAX = 10_000;

/** A process that is not our child tells nobody of its end, so we have to look. */
const LOOK_EVERY_MS = 20;

/**
 * Stops a server whose keeper was killed too. To be called under the lock of its directory: nobody
 * else can have a use for it.
 */
export async function stopStaleServer(directory: string, signal: NodeJS.Signals): Promise<void> {
  const pid = readPid(path.join(directory, 'server.pid'));
  if (pid === undefined || !(await isRunningFor(pid, directory))) return;
  send(pid, signal);
  send(pid, 'SIGCONT'); // a paused process takes no other signal
  const forceAt = performance.now() + STOP_MS_MAX;
  while (isRunning(pid)) {
    if (performance.now() > forceAt) send(pid, 'SIGKILL');
    await delay(LOOK_EVERY_MS);
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it ended by itself
  }
}
