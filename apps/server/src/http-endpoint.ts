import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { Server as NetServer } from 'node:net';
import { limits } from './limits.ts';
import type { TlsContext } from './tls-context.ts';

export interface HttpEndpointOptions {
  readonly listener: RequestListener;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Without it, connections are not encrypted. */
  readonly tls?: TlsContext | undefined;
  /** How long requests in flight may go on after the endpoint was told to close. */
  readonly drainMs?: number;
}

/** An open port. Disposing of it accepts nothing new, lets requests in flight finish, then cuts the rest. */
export interface HttpEndpoint extends AsyncDisposable {
  readonly url: string;
  /**
   * Accepts no more connections, and has each one hang up after its next answer. Resolves when none is left, or after so
   * long: a client that sends a request on an idle connection finds it open until then.
   */
  retire(graceMs: number): Promise<void>;
}

/** Resolves when the port is open; rejects when it cannot be. */
export async function openHttpEndpoint(options: HttpEndpointOptions): Promise<HttpEndpoint> {
  const { listener, host, port, tls, drainMs = limits.drainMs } = options;
  const bounds = {
    maxHeaderSize: limits.headerBytesMax,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
  };
  const server = tls?.createServer(bounds) ?? createServer(bounds);
  const { retire, drain } = endingOf(server, drainMs);
  server.on('request', listener);
  await listen(server, host, port);
  return { url: urlOf(server, tls ? 'https' : 'http'), retire, [Symbol.asyncDispose]: drain };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(port, host, () => {
    server.off('error', reject);
    resolve();
  });
  return promise;
}

function urlOf(server: Server, scheme: string): string {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('The server has no port.');
  const { address, port, family } = bound;
  return `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

/**
 * Closing a server leaves its connections open while clients keep them alive, so each response tells its
 * client to hang up where it still can, and a connection is cut as soon as it is idle.
 */
function endingOf(
  server: Server,
  drainMs: number,
): { retire: HttpEndpoint['retire']; drain: () => Promise<void> } {
  const inFlight = new Set<ServerResponse>();
  let retiring = false;
  let draining = false;
  const hangUp = () => {
    retiring = true;
    for (const res of inFlight) if (!res.headersSent) res.setHeader('connection', 'close');
  };
  const cutIdle = () => {
    if (draining) server.closeIdleConnections();
  };
  function endResponse(this: ServerResponse) {
    inFlight.delete(this);
    cutIdle();
  }
  server.on('request', (req: IncomingMessage, res: ServerResponse) => {
    inFlight.add(res);
    if (retiring) res.setHeader('connection', 'close');
    res.on('close', endResponse);
    // An answer may be complete before its request is: the connection is idle after the later of the two.
    req.on('close', cutIdle);
  });

  const retire = async (graceMs: number) => {
    hangUp();
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, graceMs);
    // That of HTTP would cut the idle connections at once.
    NetServer.prototype.close.call(server, () => resolve());
    await promise;
    clearTimeout(timer);
  };
  const drain = async () => {
    draining = true;
    hangUp();
    const { promise, resolve } = Promise.withResolvers<void>();
    const cut = setTimeout(() => server.closeAllConnections(), drainMs);
    server.close(() => resolve());
    await promise;
    clearTimeout(cut);
  };
  return { retire, drain };
}
