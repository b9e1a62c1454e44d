import { findFreePort } from './free-port.ts';
import { ServerStartError } from './server-process.ts';

/** Somebody else takes the very port between our look and the server's start this often at most. */
const ATTEMPTS_MAX = 5;

/** Starts a server on the port asked for, or on one that nobody uses. */
export async function startOnPort(
  port: number | undefined,
  start: (port: number) => Promise<number>,
): Promise<{ port: number; pid: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const candidate = port ?? (await findFreePort());
    try {
      return { port: candidate, pid: await start(candidate) };
    } catch (error) {
      const taken = error instanceof ServerStartError && /address already in use/i.test(error.log);
      if (!taken || port !== undefined || attempt === ATTEMPTS_MAX) throw error;
    }
  }
}
