import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';

/**
 * Lets no message out: what a store or a driver says of an error may repeat what it was sent. The type of the
 * error stays. Nor does it let out spans of a client that nobody waits for, such as that of the first connect.
 */
export class GuardedSpanProcessor implements SpanProcessor {
  readonly #inner: SpanProcessor;

  constructor(inner: SpanProcessor) {
    this.#inner = inner;
  }

  onStart(...begun: Parameters<SpanProcessor['onStart']>): void {
    this.#inner.onStart(...begun);
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
    const isNobodys = span.kind === SpanKind.CLIENT && span.parentSpanContext === undefined;
    if (!isNobodys) this.#inner.onEnd(span);
  }

  forceFlush(): Promise<void> {
    return this.#inner.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#inner.shutdown();
  }
}

/** The first line of a stack is the message. */
const messageAttributes = ['exception.message', 'exception.stacktrace'];
