import { type Context, type SpanContext, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';

/**
 * Lets no message out: what a store or a driver says of an error may repeat what it was sent. The type of the
 * error stays.
 *
 * Nor does it let out what nobody waits for: spans of a client that have no parent, and those of commands that a
 * Redis client sends by itself. These have the span of its connect as their parent for as long as the connection
 * lives, so that one trace would grow for days.
 */
export class GuardedSpanProcessor implements SpanProcessor {
  readonly #inner: SpanProcessor;
  readonly #connects = new WeakSet<SpanContext>();

  constructor(inner: SpanProcessor) {
    this.#inner = inner;
  }

  onStart(span: Span, parent: Context): void {
    if (span.name === 'redis-connect') this.#connects.add(span.spanContext());
    this.#inner.onStart(span, parent);
  }

  onEnding(span: Span): void {
    // Setting it again without a message takes the message away.
    if (span.status.message !== undefined) span.setStatus({ code: SpanStatusCode.ERROR });
    for (const { attributes } of span.events) {
      if (attributes === undefined) continue;
      span.setAttribute('error.type', attributes['exception.type'] ?? 'unknown');
      for (const name of messageAttributes) delete attributes[name];
    }
  }

  onEnd(span: ReadableSpan): void {
    if (!this.#isNobodys(span)) this.#inner.onEnd(span);
  }

  forceFlush(): Promise<void> {
    return this.#inner.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#inner.shutdown();
  }

  #isNobodys({ kind, parentSpanContext: parent }: ReadableSpan): boolean {
    if (kind !== SpanKind.CLIENT) return false;
    return parent === undefined || this.#connects.has(parent);
  }
}

/** The first line of a stack is the message. */
const messageAttributes = ['exception.message', 'exception.stacktrace'];
