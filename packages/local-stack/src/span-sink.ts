import { createServer, type IncomingMessage, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

/** One span, as it came over the wire. */
export interface SunkSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: 'internal' | 'server' | 'client' | 'other';
  readonly startedAtMs: number;
  readonly tookMs: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly events: readonly string[];
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly failed: boolean;
  readonly resource: Readonly<Record<string, string | number | boolean>>;
}

/** A collector of spans that keeps them: the other end of `OTEL_EXPORTER_OTLP_ENDPOINT`, for OTLP as JSON. */
export class SpanSink implements AsyncDisposable {
  readonly spans: SunkSpan[] = [];
  /** Everything that was sent, as it was sent. */
  readonly received: string[] = [];
  readonly #server: Server;
  #arrival = Promise.withResolvers<void>();

  private constructor() {
    this.#server = createServer((req, res) => {
      this.#take(req)
        .then(() => res.setHeader('content-type', 'application/json').end('{}'))
        .catch(() => res.destroy());
    });
  }

  static async start(): Promise<SpanSink> {
    const sink = new SpanSink();
    const { promise, resolve } = Promise.withResolvers<void>();
    sink.#server.listen(0, '127.0.0.1', resolve);
    await promise;
    return sink;
  }

  /** What a process needs in its environment to send its spans here, soon after they have ended. */
  get environment() {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The sink has no port.');
    return {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${address.port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_BSP_SCHEDULE_DELAY: '50',
    };
  }

  /** The spans of one trace, in the order in which they began. */
  trace(traceId: string): SunkSpan[] {
    const spans = this.spans.filter((span) => span.traceId === traceId);
    return spans.sort((a, b) => a.startedAtMs - b.startedAtMs);
  }

  /** Resolves when more spans have come. */
  async arrival(): Promise<void> {
    return this.#arrival.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
  }

  async #take(req: IncomingMessage): Promise<void> {
    const body = await text(req);
    this.received.push(body);
    for (const { resource, scopeSpans } of payload.parse(JSON.parse(body)).resourceSpans) {
      const attributes = toRecord(resource.attributes);
      for (const span of scopeSpans.flatMap(({ spans }) => spans)) {
        this.spans.push(toSunk(span, attributes));
      }
    }
    this.#arrival.resolve();
    this.#arrival = Promise.withResolvers();
  }
}

const attribute = z.object({
  key: z.string(),
  value: z.looseObject({
    stringValue: z.string().optional(),
    intValue: z.coerce.number().optional(),
    doubleValue: z.number().optional(),
    boolValue: z.boolean().optional(),
  }),
});
const attributes = z.array(attribute).default([]);
const wireSpan = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.number(),
  startTimeUnixNano: z.coerce.bigint(),
  endTimeUnixNano: z.coerce.bigint(),
  attributes,
  events: z.array(z.object({ name: z.string() })).default([]),
  links: z.array(z.object({ traceId: z.string(), spanId: z.string() })).default([]),
  status: z.looseObject({ code: z.number().default(0) }).prefault({}),
});
const payload = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes }),
      scopeSpans: z.array(z.object({ spans: z.array(wireSpan) })),
    }),
  ),
});

/** As the protocol numbers them. */
const kinds: Partial<Record<number, SunkSpan['kind']>> = {
  1: 'internal',
  2: 'server',
  3: 'client',
};
const failedCode = 2;

function toSunk(span: z.infer<typeof wireSpan>, resource: SunkSpan['resource']): SunkSpan {
  const { startTimeUnixNano: start, endTimeUnixNano: end, parentSpanId } = span;
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: parentSpanId === '' ? undefined : parentSpanId,
    name: span.name,
    kind: kinds[span.kind] ?? 'other',
    startedAtMs: Number(start / 1_000n) / 1_000,
    tookMs: Number(end - start) / 1_000_000,
    attributes: toRecord(span.attributes),
    events: span.events.map(({ name }) => name),
    links: span.links,
    failed: span.status.code === failedCode,
    resource,
  };
}

function toRecord(list: z.infer<typeof attributes>): SunkSpan['attributes'] {
  return Object.fromEntries(
    list.map(({ key, value: { stringValue, intValue, doubleValue, boolValue } }) => [
      key,
      stringValue ?? intValue ?? doubleValue ?? boolValue ?? '',
    ]),
  );
}
