import {
  type Context,
  context,
  createContextKey,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
} from '@opentelemetry/api';
import type { SpanReference } from './exemplar.ts';

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** A span that is recorded. What is done to it after its end is ignored. */
export interface OpenSpan {
  readonly reference: SpanReference;
  set(attributes: SpanAttributes): void;
  /** Says that the other span, of whatever trace, had a part in this one. */
  link(other: SpanReference): void;
  /** Says that it failed. The type is a code or a class: a message may hold what somebody sent. */
  fail(errorType: string): void;
}

/** The span of one request, recorded or not. It lasts until it is ended. */
export interface ServerSpan extends OpenSpan {
  /** As the header of that name says which span, of which trace, it is. */
  readonly traceparent: string;
  end(): void;
}

export interface ServerSpanOptions {
  readonly name: string;
  readonly attributes: SpanAttributes;
  /** Of the request: the caller's trace goes on. */
  readonly headers: Readonly<Record<string, unknown>>;
}

/**
 * Runs a request within a span of its own, and hands back what it returns.
 *
 * A span that is not recorded is not made current: what instrumented libraries do beneath it would else cost
 * nearly as much as if it were. Only its reference is, so that log lines name the caller's trace all the same.
 */
export function withServerSpan<T>(options: ServerSpanOptions, run: (span: ServerSpan) => T): T {
  const { name, attributes, headers } = options;
  const caller = propagation.extract(ROOT_CONTEXT, headers);
  const span = tracer().startSpan(name, { kind: SpanKind.SERVER, attributes }, caller);
  const served = new RecordedSpan(span);
  const server: ServerSpan = Object.assign(served, {
    traceparent: traceparentOf(span.spanContext()),
    end: () => span.end(),
  });
  return context.with(withCurrent(context.active(), span), () => run(server));
}

/**
 * Runs work in a span beneath the current one. Where no span is recorded, there is nothing beneath, and the work
 * runs alone.
 */
export async function withSpan<T>(
  name: string,
  attributes: SpanAttributes,
  work: (span: OpenSpan | undefined) => Promise<T>,
): Promise<T> {
  if (trace.getActiveSpan() === undefined) return work(undefined);
  const span = tracer().startSpan(name, { kind: SpanKind.INTERNAL, attributes });
  const open = openSpanOf(span);
  try {
    return await context.with(withCurrent(context.active(), span), async () => work(open));
  } catch (err) {
    open.fail(errorTypeOf(err));
    throw err;
  } finally {
    span.end();
  }
}

/** The span that is recorded here and now; the same object each time. */
export function currentSpan(): OpenSpan | undefined {
  const span = trace.getActiveSpan();
  return span === undefined ? undefined : openSpanOf(span);
}

/** The span here and now, recorded or not. */
export function currentSpanReference(): SpanReference | undefined {
  const active = context.active();
  const span = trace.getSpan(active);
  if (span !== undefined) return toReference(span.spanContext());
  const unrecorded = active.getValue(unrecordedKey);
  return isReference(unrecorded) ? unrecorded : undefined;
}

/** A code if it has one, else its class. */
export function errorTypeOf(err: unknown): string {
  if (!(err instanceof Error)) return typeof err;
  return 'code' in err && typeof err.code === 'string' ? err.code : err.name;
}

/** Looked up each time, as the SDK is not there yet when this file is loaded. */
function tracer() {
  return trace.getTracer('throughline');
}

const unrecordedKey = createContextKey('throughline unrecorded span');

function withCurrent(parent: Context, span: Span): Context {
  if (span.isRecording()) return trace.setSpan(parent, span);
  return parent.setValue(unrecordedKey, toReference(span.spanContext()));
}

const openSpans = new WeakMap<Span, OpenSpan>();

function openSpanOf(span: Span): OpenSpan {
  let open = openSpans.get(span);
  if (open === undefined) openSpans.set(span, (open = new RecordedSpan(span)));
  return open;
}

class RecordedSpan implements OpenSpan {
  readonly #span: Span;

  constructor(span: Span) {
    this.#span = span;
  }

  get reference(): SpanReference {
    return toReference(this.#span.spanContext());
  }

  set(attributes: SpanAttributes): void {
    if (this.#span.isRecording()) this.#span.setAttributes(attributes);
  }

  link({ traceId, spanId, sampled }: SpanReference): void {
    if (!this.#span.isRecording()) return;
    const traceFlags = sampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
    this.#span.addLink({ context: { traceId, spanId, traceFlags } });
  }

  fail(errorType: string): void {
    if (!this.#span.isRecording()) return;
    this.#span.setAttribute('error.type', errorType);
    this.#span.setStatus({ code: SpanStatusCode.ERROR });
  }
}

function toReference({ traceId, spanId, traceFlags }: SpanContext): SpanReference {
  return { traceId, spanId, sampled: (traceFlags & TraceFlags.SAMPLED) !== 0 };
}

function isReference(value: unknown): value is SpanReference {
  return typeof value === 'object' && value !== null && 'traceId' in value;
}

function traceparentOf({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}
