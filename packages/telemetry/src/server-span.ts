import { context, propagation, ROOT_CONTEXT, type Span, SpanKind, trace } from '@opentelemetry/api';
import type { SpanReference } from './exemplar.ts';
import { randomHex } from './random-hex.ts';
import { RequestScope, withRequestScope } from './request-scope.ts';
import { runningTracing } from './running-tracing.ts';
import { RecordedSpan, type SpanAttributes, toReference, tracer } from './spans.ts';

/** The span of one request. It lasts until it is ended. */
export interface ServerSpan {
  readonly reference: SpanReference;
  /** Undefined where it is not recorded: then it only has a name. */
  readonly recorded: ServedSpan | undefined;
}

export interface ServerSpanOptions {
  readonly name: string;
  readonly attributes: SpanAttributes;
  /** Of the request: the caller's trace goes on. */
  readonly headers: Readonly<Record<string, unknown>>;
}

/**
 * Whether a trace that begins here is kept is drawn before anything is made of it: the SDK takes as long for a request that it
 * does not keep as for one that it does. Where the caller names a trace, or the sampler is another, the SDK is asked.
 */
export function startServerSpan({ name, attributes, headers }: ServerSpanOptions): ServerSpan {
  const ratio = runningTracing()?.rootRatio;
  const begins = !namesTrace(headers);
  if (ratio !== undefined && begins && Math.random() >= ratio) {
    const reference = { traceId: randomHex(16), spanId: randomHex(8), sampled: false };
    return { reference, recorded: undefined };
  }
  const caller = begins ? ROOT_CONTEXT : propagation.extract(ROOT_CONTEXT, headers);
  const span = tracer().startSpan(name, { kind: SpanKind.SERVER, attributes }, caller);
  const reference = toReference(span.spanContext());
  return { reference, recorded: span.isRecording() ? new ServedSpan(span) : undefined };
}

let callerFields: readonly string[] | undefined;

/** Whether a caller may have said which trace is its own, in whatever way was configured. */
function namesTrace(headers: ServerSpanOptions['headers']): boolean {
  callerFields ??= propagation.fields();
  return callerFields.some((field) => headers[field] !== undefined);
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
  if (recorded === undefined) return withRequestScope(new RequestScope(reference), serve);
  return recorded.within(() => withRequestScope(new RequestScope(), serve));
}

export class ServedSpan extends RecordedSpan {
  readonly #span: Span;

  constructor(span: Span) {
    super(span);
    this.#span = span;
  }

  within<T>(work: () => T): T {
    return context.with(trace.setSpan(context.active(), this.#span), work);
  }

  end(): void {
    this.#span.end();
  }
}
