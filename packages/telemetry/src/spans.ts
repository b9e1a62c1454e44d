import { context, type Span, type SpanContext, trace, TraceFlags } from '@opentelemetry/api';
import type { SpanReference } from './exemplar.ts';
import { InnerSpan, type OpenSpan, type ParentSpan, type SpanAttributes } from './inner-span.ts';
import { currentRequestScope } from './request-scope.ts';
import { runningTracing } from './running-tracing.ts';

/**
 * Runs work in a span beneath the current one. Where no span is recorded, there is nothing beneath, and the work
 * runs alone. The attributes become those of the span.
 */
export async function withSpan<T>(
  name: string,
  attributes: SpanAttributes,
  work: (span: OpenSpan | undefined) => Promise<T>,
): Promise<T> {
  const parent = trace.getActiveSpan();
  const tracing = runningTracing();
  if (tracing === undefined || !isParent(parent)) return work(undefined);
  const span = new InnerSpan({ name, attributes, parent, onEnd: tracing.onEnd });
  try {
    return await context.with(trace.setSpan(context.active(), span), work, undefined, span);
  } catch (err) {
    span.fail(errorTypeOf(err));
    throw err;
  } finally {
    span.end();
  }
}

/** Whether the request that is served has spans. Most have none, and are not to look for one. */
export function isTraced(): boolean {
  return currentRequestScope()?.isRecorded === true;
}

/** The span beneath that of the request that is recorded here and now. */
export function currentSpan(): OpenSpan | undefined {
  if (!isTraced()) return undefined;
  const span = trace.getActiveSpan();
  return span instanceof InnerSpan ? span : undefined;
}

/** The span here and now, recorded or not. */
export function currentSpanReference(): SpanReference | undefined {
  const scope = currentRequestScope();
  if (scope?.isRecorded === false) return scope.unrecorded;
  const span = trace.getActiveSpan();
  return span && toReference(span.spanContext());
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

export function toReference({ traceId, spanId, traceFlags }: SpanContext): SpanReference {
  return { traceId, spanId, sampled: (traceFlags & TraceFlags.SAMPLED) !== 0 };
}

/** One of the SDK's that is recorded has what exporters ask for, as ours have. */
function isParent(span: Span | undefined): span is Span & ParentSpan {
  return span !== undefined && 'resource' in span && 'instrumentationScope' in span;
}
