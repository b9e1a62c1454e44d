import {
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { SpanReference } from './exemplar.ts';
import type { OpenSpan, SpanAttributes } from './inner-span.ts';
import { randomHex } from './random-hex.ts';
import { RequestScope, withRequestScope } from './request-scope.ts';
import { runningTracing } from './running-tracing.ts';
import { toReference, tracer } from './spans.ts';

/** The span of one request. It lasts until it is ended. */
export interface ServerSpan {
  readonly reference: SpanReference;
  /** Undefined where it is not recorded: then it only has a name. */
  readonly recorded: ServedSpan | undefined;
}

/** What a span says from its beginning. */
export interface ServerSpanDescription {
  readonly name: string;
  readonly attributes: SpanAttributes;
}

/**
 * The span of a request with these headers: the trace of a caller who names one goes on.
 *
 * Whether a trace that begins here is kept is drawn before anything is made of it: the SDK takes as long for a request that it
 * does not keep as for one that it does. Where the caller names a trace, or the sampler is another, the SDK is asked.
 */
export function startServerSpan(
  headers: Readonly<Record<string, unknown>>,
  describe: () => ServerSpanDescription,
): ServerSpan {
  const ratio = runningTracing()?.rootRatio;
  const caller = mayNameTrace(headers) ? propagation.extract(ROOT_CONTEXT, headers) : ROOT_CONTEXT;
  const begins = caller === ROOT_CONTEXT || trace.getSpanContext(caller) === undefined;
  if (ratio !== undefined && begins && Math.random() >= ratio) {
    const reference = { traceId: randomHex(16), spanId: randomHex(8), sampled: false };
    return { reference, recorded: undefined };
  }
  const { name, attributes } = describe();
  const span = tracer().startSpan(name, { kind: SpanKind.SERVER, attributes }, caller);
  const reference = toReference(span.spanContext());
  return { reference, recorded: span.isRecording() ? new ServedSpan(span) : undefined };
}

let callerFields: readonly string[] | undefined;

/** Whether there is any header in which a caller could name its trace, in whatever way was configured. */
function mayNameTrace(headers: Readonly<Record<string, unknown>>): boolean {
  callerFields ??= propagation.fields();
  for (const field of callerFields) if (headers[field] !== undefined) return true;
  return false;
}

/** As the header of that name says which span, of which trace, it is. */
export function traceparentOf({ traceId, spanId, sampled }: SpanReference): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}

/**
 * Serves a request, with its span if it has one, and hands back what that returns.
 *
 * A span that is not recorded is not made current: what instrumented libraries do beneath it would else cost
 * nearly as much as if it were. Its name is in the scope of the request, so that log lines name the trace all the same.
 */
export function withRequest<T>(span: ServerSpan | undefined, serve: () => T): T {
  const { recorded, reference } = span ?? {};
  if (recorded === undefined) return withRequestScope(new RequestScope(reference, false), serve);
  return recorded.within(() => withRequestScope(new RequestScope(undefined, true), serve));
}

/** One of the SDK's: it knows which sampler is to be asked, and what a caller said. */
export class ServedSpan implements Pick<OpenSpan, 'set' | 'fail'> {
  readonly #span: Span;

  constructor(span: Span) {
    this.#span = span;
  }

  set(attributes: SpanAttributes): void {
    this.#span.setAttributes(attributes);
  }

  fail(errorType: string): void {
    this.#span.setAttribute('error.type', errorType);
    this.#span.setStatus({ code: SpanStatusCode.ERROR });
  }

  within<T>(work: () => T): T {
    return context.with(trace.setSpan(context.active(), this.#span), work);
  }

  end(): void {
    this.#span.end();
  }
}
