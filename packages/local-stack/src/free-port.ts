import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the ranges from which kernels take the ports of outgoing connections (Linux 32768, macOS
 * 49152). A test that kills its server wants the same port again, and in those ranges any client of
 * this machine may have been given it meanwhile; a client that keeps trying to reach the dead server
 * can even be given that very port and end up connected to itself.
 */
const PORT_MIN = 15_000;
const PORT_MAX = 32_000;

const ATTEMPTS_MAX = 100;

/** A port of 127.0.0.1 that was free a moment ago; who uses it must be ready to ask for another. */
export async function findFreePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const port = randomInt(PORT_MIN, PORT_MAX);
    if (await isPortFree(port)) return port;
  }
  throw new Error(
    `No free port found between ${String(PORT_MIN)} and ${String(PORT_MAX)}: stop some of the servers that run on this machine.`,
  );
}

/** Whether a port of 127.0.0.1 can be listened on now. */
export async function isPortFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return true;
  } catch {
    return false;
  }
}
