import { SpanSink, type SunkSpan } from '@throughline/local-stack';
import { createTestDatabase, localStack, redisKeyPrefix } from '@throughline/local-stack/testing';
import { expect } from 'vitest';
import { type RealService, startServer } from './real-service.ts';

/** A service process on stores of its own that sends its spans to a sink. */
export interface TracedService extends AsyncDisposable {
  readonly sink: SpanSink;
  readonly service: RealService;
  readonly databaseUrl: string;
  /** Sends a request of the service and waits for the whole trace, so many spans if it is said how many. */
  traceOf(path: string, request?: TracedRequest): Promise<Traced>;
}

export interface TracedRequest {
  /** The inputs of the calls; several make a batch. */
  readonly inputs?: readonly unknown[];
  readonly mutation?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /** A span that is the last of its trace to end. */
  readonly until?: (spans: readonly SunkSpan[]) => boolean;
}

export interface Traced {
  readonly response: Response;
  readonly body: unknown;
  readonly spans: SunkSpan[];
}

export async function startTracedService(
  environment: Record<string, string> = {},
): Promise<TracedService> {
  await using opening = new AsyncDisposableStack();
  const sink = opening.use(await SpanSink.start());
  const database = opening.use(await createTestDatabase());
  const service = opening.use(
    await startServer({
      DATABASE_URL: database.url,
      REDIS_URL: localStack().redisUrl,
      CACHE_NAMESPACE: redisKeyPrefix(),
      ...sink.environment,
      ...environment,
    }),
  );
  const opened = opening.move();
  return {
    sink,
    service,
    databaseUrl: database.url,
    traceOf: async (path, request = {}) => traceOf({ sink, service }, path, request),
    [Symbol.asyncDispose]: async () => opened.disposeAsync(),
  };
}

async function traceOf(
  { sink, service }: Pick<TracedService, 'sink' | 'service'>,
  path: string,
  { inputs = [], mutation = false, headers = {}, until = () => true }: TracedRequest,
): Promise<Traced> {
  const isBatch = inputs.length > 1;
  const sent = JSON.stringify(isBatch ? Object.fromEntries(inputs.entries()) : inputs[0]);
  const paths = isBatch ? inputs.map(() => path).join(',') : path;
  const url = new URL(`${service.url}/${paths}`);
  if (isBatch) url.searchParams.set('batch', '1');
  if (!mutation) url.searchParams.set('input', sent);
  const response = await fetch(url, {
    method: mutation ? 'POST' : 'GET',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${service.token}`,
      ...headers,
    },
    ...(mutation && { body: sent }),
  });
  const isEvents = response.headers.get('content-type') === 'text/event-stream';
  const body: unknown = await (isEvents ? response.text() : response.json());
  const traceId = response.headers.get('traceparent')?.split('-')[1] ?? '';
  const isWhole = (spans: readonly SunkSpan[]) =>
    spans.some(({ kind }) => kind === 'server') && until(spans);
  await expect
    .poll(() => isWhole(sink.trace(traceId)), { timeout: 20_000, interval: 50 })
    .toBe(true);
  return { response, body, spans: sink.trace(traceId) };
}
