import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import {
  boundConnections,
  boundedServerOptions,
  type ConnectionBounds,
} from './connection-bounds.ts';
import { limits } from './limits.ts';
import { listen } from './listen.ts';
import { OpenConnections } from './open-connections.ts';
import type { TlsContext } from './tls-context.ts';

export interface HttpOptions {
  readonly listener: RequestListener;
  /** How long requests in flight may go on after the endpoint was told to close. */
  readonly drainMs?: number;
  /** What differs from the limits of a process. */
  readonly bounds?: Partial<ConnectionBounds>;
  /** Told of every connection that was closed because there are too many. */
  readonly onRefused?: (() => void) | undefined;
  /** Without it, connections are not encrypted. */
  readonly tls?: TlsContext | undefined;
}

export interface HttpEndpointOptions extends HttpOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
}

/** An open port. Disposing of it accepts nothing new, lets requests in flight finish, then cuts the rest. */
export interface HttpEndpoint extends AsyncDisposable {
  readonly url: string;
  /** Has each client hang up after its next answer, and still serves whoever comes. Resolves after so long. */
  leave(noticeMs: number): Promise<void>;
}

/** Resolves when the port is open; rejects when it cannot be. */
export async function openHttpEndpoint(options: HttpEndpointOptions): Promise<HttpEndpoint> {
  const server = createHttpServer(options);
  const { hangUp, drain } = endingOf(server, options);
  const { host, port, tls } = options;
  const url = await listen(server, { host, port, isTls: tls !== undefined });
  const leave = async (noticeMs: number) => {
    hangUp();
    await delay(noticeMs);
  };
  return { url, leave, [Symbol.asyncDispose]: drain };
}

/** Serves connections that another process has accepted. Disposing of it ends them as an endpoint does. */
export interface PortlessEndpoint extends AsyncDisposable {
  /** Serves it, or closes it if everything has ended here. */
  take(connection: Socket): void;
  /**
   * Has each client hang up after its next answer. Resolves when no connection is left, or after so long: a client that sends
   * a request on an idle connection finds it open until then.
   */
  retire(graceMs: number): Promise<void>;
}

export function openPortlessEndpoint(options: HttpOptions): PortlessEndpoint {
  const server = createHttpServer(options);
  const { retire, drain } = endingOf(server, options);
  // From here on Node watches how long requests take, and knows which connections are idle.
  server.emit('listening');
  let isClosed = false;
  return {
    take: (connection) => {
      if (isClosed) {
        connection.destroy();
        return;
      }
      // As the server makes those that it accepts itself.
      connection.setNoDelay(true);
      connection.allowHalfOpen = true;
      server.emit('connection', connection);
    },
    retire,
    [Symbol.asyncDispose]: async () => {
      await drain();
      isClosed = true;
    },
  };
}

function createHttpServer({ bounds, tls, onRefused = () => {} }: HttpOptions): Server {
  const all = { ...limits, ...bounds };
  const serverOptions = boundedServerOptions(all);
  const server = tls?.createServer(serverOptions) ?? createServer(serverOptions);
  boundConnections(server, all, onRefused);
  return server;
}

/**
 * Closing a server leaves its connections open while clients keep them alive, so each response tells its
 * client to hang up where it still can, and a connection is cut as soon as it is idle.
 */
function endingOf(server: Server, { listener, drainMs = limits.drainMs }: HttpOptions) {
  const connections = new OpenConnections(server);
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
  server.on('request', listener);

  const retire = async (graceMs: number) => {
    hangUp();
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, graceMs);
    void connections.none().then(resolve);
    await promise;
    clearTimeout(timer);
  };
  const drain = async () => {
    draining = true;
    hangUp();
    const cut = setTimeout(() => connections.destroy(), drainMs);
    // Closes the port, and the connections that are idle.
    server.close();
    await connections.none();
    clearTimeout(cut);
  };
  return { hangUp, retire, drain };
}
