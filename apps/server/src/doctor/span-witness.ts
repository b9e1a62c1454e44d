import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

/** Somebody at the other end of the exporter who can tell whether a trace has come. */
export interface SpanWitness {
  /** Who it is, for a person. */
  readonly name: string;
  hasSeen(traceId: string): Promise<boolean>;
}

/** Stands in for a collector: takes OTLP over HTTP, as JSON or as protobuf. */
export class ListeningWitness implements SpanWitness, AsyncDisposable {
  readonly name: string;
  readonly #server: ReturnType<typeof createServer>;
  readonly #payloads: Buffer[] = [];

  private constructor(server: ReturnType<typeof createServer>, port: number) {
    this.#server = server;
    this.name = `the doctor at http://127.0.0.1:${String(port)}`;
    server.on('request', (req, res) => {
      this.#take(req)
        .then(() =>
          res.setHeader('content-type', req.headers['content-type'] ?? 'application/json').end(),
        )
        .catch(() => res.destroy());
    });
  }

  static async start(port: number): Promise<ListeningWitness> {
    const server = createServer();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
    await promise;
    const { port: taken }: Partial<AddressInfo> = Object(server.address());
    return new ListeningWitness(server, taken ?? port);
  }

  /** An id stands in a payload as it is, or in hexadecimal. */
  async hasSeen(traceId: string): Promise<boolean> {
    const bytes = Buffer.from(traceId, 'hex');
    return this.#payloads.some((payload) => payload.includes(bytes) || payload.includes(traceId));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
  }

  async #take(req: IncomingMessage): Promise<void> {
    const body = await buffer(req);
    this.#payloads.push(req.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body);
  }
}

/** Asks a Tempo, by its HTTP address. */
export function tempoWitness(tempoUrl: string): SpanWitness {
  return {
    name: `Tempo at ${tempoUrl}`,
    hasSeen: async (traceId) => {
      const signal = AbortSignal.timeout(5_000);
      const response = await fetch(`${tempoUrl}/api/traces/${traceId}`, { signal });
      return response.ok;
    },
  };
}
