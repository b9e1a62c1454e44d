import type { Server, ServerOptions } from 'node:http';
import type { Socket } from 'node:net';
import { limits } from './limits.ts';
import { boundUnreadAnswers, type UnreadBounds } from './unread-answers.ts';

/** How many connections may be open, and how long a client may take for what. */
export type ConnectionBounds = UnreadBounds &
  Readonly<
    Record<'connectionsMax' | 'headMs' | 'requestMs' | 'requestCheckMs' | 'keepAliveMs', number>
  >;

/** What Node itself holds clients to. A connection on which nothing is ever sent is one whose head does not come. */
export function boundedServerOptions(bounds: ConnectionBounds): ServerOptions {
  return {
    maxHeaderSize: limits.headerBytesMax,
    headersTimeout: Math.min(bounds.headMs, bounds.requestMs),
    requestTimeout: bounds.requestMs,
    connectionsCheckingInterval: bounds.requestCheckMs,
    keepAliveTimeout: bounds.keepAliveMs,
  };
}

/**
 * Closes what Node lets stay: connections beyond so many, those that were given to the server too, and those of a client
 * that does not read its answer, or the part of it that there is. `onRefused` is told of the first kind.
 */
export function boundConnections(
  server: Server,
  bounds: ConnectionBounds,
  onRefused: () => void,
): void {
  const { connectionsMax, unreadMs } = bounds;
  let open = 0;
  const closed = () => {
    open -= 1;
  };
  server.on('connection', (socket: Socket) => {
    open += 1;
    socket.once('close', closed);
    if (open <= connectionsMax) return;
    socket.destroy();
    onRefused();
  });
  boundUnreadAnswers(server, bounds);
  server.setTimeout(unreadMs, (socket: Socket) => {
    // A call may take long. While a connection is idle it has another time, after which it is closed.
    const isBusy = socket.timeout === unreadMs && socket.writableLength === 0;
    if (!isBusy) socket.destroy();
  });
}
