import type { Server } from 'node:net';

export interface Place {
  readonly host: string;
  /** 0 takes any that is free. */
  readonly port: number;
  /** Whether TLS is spoken there. */
  readonly isTls: boolean;
}

/** Resolves with the URL of the open port; rejects when it cannot be opened. */
export async function listen(server: Server, { host, port, isTls }: Place): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(port, host, resolve);
  await promise;
  server.off('error', reject);
  return urlOf(server, isTls ? 'https' : 'http');
}

function urlOf(server: Server, scheme: string): string {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('The server has no port.');
  const { address, port, family } = bound;
  return `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
