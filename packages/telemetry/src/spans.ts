import {
  context,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
} from '@opentelemetry/api';
import type { SpanReference } from './exemplar.ts';
import { currentRequestScope } from './request-scope.ts';

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
    return await context.with(trace.setSpan(context.active(), span), async () => work(open));
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
  const span = trace.getActiveSpan();
  return span === undefined ? currentRequestScope()?.unrecorded : toReference(span.spanContext());
}

/** A code if it has one, else its class. */
export function errorTypeOf(err: unknown): string {
  if (!(err instanceof Error)) return typeof err;
  return 'code' in err && typeof err.code === 'string' ? err.code : err.name;
}

/** Looked up each time, as the SDK is not there yet when this file is loaded. */
export function tracer() {
  return trace.getTracer('throughline');
}

const openSpans = new WeakMap<Span, OpenSpan>();

function openSpanOf(span: Span): OpenSpan {
  let open = openSpans.get(span);
  if (open === undefined) openSpans.set(span, (open = new RecordedSpan(span)));
  return open;
}

export class RecordedSpan implements OpenSpan {
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

export function toReference({ traceId, spanId, traceFlags }: SpanContext): SpanReference {
  return { traceId, spanId, sampled: (traceFlags & TraceFlags.SAMPLED) !== 0 };
}
