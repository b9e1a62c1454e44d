import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Target } from '../target.ts';

export interface StandIn extends AsyncDisposable {
  readonly target: Target;
  /** On everybody, and on whoever comes later. */
  hangUp(): void;
}

/** What can be wrong with a server that stands in for the service. */
export interface StandInFaults {
  /** Answers a request in a way of its own, if it says so by returning true. */
  readonly answer?: (...parameters: Parameters<RequestListener>) => boolean;
  readonly complaint?: () => string | undefined;
}

/** A server that refuses everything as the service would, but for its faults. */
export async function openStandIn({ answer, complaint }: StandInFaults = {}): Promise<StandIn> {
  const server = createServer((req, res) => {
    if (answer?.(req, res) === true) return;
    const data = { code: 'NOT_FOUND', httpStatus: 404, serviceCode: 'PATH_NOT_FOUND' };
    res.writeHead(404, { 'content-type': 'application/json' });
    res.end(JSON.stringify({ error: { message: 'There is nothing.', code: -32_004, data } }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = addressOf(server.address());
  return {
    target: {
      ports: { service: port, operations: port },
      tokens: new Map(),
      secrets: ['the-namespace'],
      complaint: () => complaint?.(),
      ensureRunning: () => Promise.resolve(),
    },
    hangUp: () => {
      server.on('connection', (socket) => socket.destroy());
      server.closeAllConnections();
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return address;
}
