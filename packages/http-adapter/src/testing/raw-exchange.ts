import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { connect, type AddressInfo } from 'node:net';

/** What came back, apart from how it was framed and when it was sent. */
export interface RawAnswer {
  readonly status: string;
  /** Sorted, as the order of different fields says nothing. */
  readonly headers: readonly string[];
  /** Each byte as one character. */
  readonly body: string;
}

export interface RawServer extends AsyncDisposable {
  readonly port: number;
  /** Sends these bytes over a connection of their own, and half-closes it where they are not all of a request. */
  exchange(request: string | Uint8Array, isCutOff?: boolean): Promise<RawAnswer>;
}

export async function openRawServer(listener: RequestListener): Promise<RawServer> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = addressOf(server.address());
  return {
    port,
    async exchange(request, isCutOff = false) {
      const socket = connect(port, '127.0.0.1');
      const chunks: Buffer[] = [];
      socket.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        if (isLastEvent(chunk)) socket.destroy();
      });
      socket.on('error', () => undefined);
      socket.write(typeof request === 'string' ? Buffer.from(request, 'latin1') : request);
      if (isCutOff) socket.end();
      await once(socket, 'close');
      return answerOf(Buffer.concat(chunks).toString('latin1'));
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A subscription that has ended leaves it to its subscriber to hang up. */
function isLastEvent(chunk: Buffer): boolean {
  return chunk.includes('event: return') || chunk.includes('event: serialized-error');
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return address;
}

function answerOf(text: string): RawAnswer {
  const headEnd = text.indexOf('\r\n\r\n');
  const [status = '', ...headers] = text.slice(0, Math.max(headEnd, 0)).split('\r\n');
  const rest = text.slice(headEnd + 4);
  const isChunked = headers.some((line) => /^transfer-encoding: chunked$/i.test(line));
  const kept = headers.filter((line) => !/^(date|content-length|transfer-encoding):/i.test(line));
  return { status, headers: kept.sort(), body: isChunked ? unchunked(rest) : rest };
}

function unchunked(text: string): string {
  let body = '';
  for (let at = 0; at < text.length;) {
    const lineEnd = text.indexOf('\r\n', at);
    const length = Number.parseInt(text.slice(at, lineEnd), 16);
    if (!(length > 0)) break;
    body += text.slice(lineEnd + 2, lineEnd + 2 + length);
    at = lineEnd + 4 + length;
  }
  return body;
}
