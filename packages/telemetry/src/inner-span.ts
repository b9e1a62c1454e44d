import {
  type Attributes,
  type AttributeValue,
  type HrTime,
  type Link,
  type Span,
  type SpanContext,
  SpanKind,
  type SpanStatus,
  SpanStatusCode,
  TraceFlags,
} from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { SpanReference } from './exemplar.ts';
import { randomHex } from './random-hex.ts';

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

/** What a span has of the one above it: the trace, and whose it is. */
export type ParentSpan = Pick<ReadableSpan, 'spanContext' | 'resource' | 'instrumentationScope'>;

export interface InnerSpanOptions {
  readonly name: string;
  /** Becomes the span's own. */
  readonly attributes: SpanAttributes;
  readonly parent: ParentSpan;
  readonly onEnd: (span: ReadableSpan) => void;
}

/**
 * A span of ours beneath another one, as instrumented clients and exporters see it.
 *
 * The SDK's own asks a sampler whose answer is that of the parent, and checks and copies each attribute that it begins with
 * twice, with a set of all that was met in it. What is told here are strings and numbers by the types, so that a span is one
 * object with its attributes. It takes no messages: these may hold what somebody sent.
 */
export class InnerSpan implements Span, OpenSpan, ReadableSpan {
  readonly name: string;
  readonly kind = SpanKind.INTERNAL;
  readonly parentSpanContext: SpanContext;
  readonly attributes: Attributes;
  readonly links: Link[] = [];
  readonly events: ReadableSpan['events'] = [];
  readonly droppedAttributesCount = 0;
  readonly droppedEventsCount = 0;
  readonly droppedLinksCount = 0;
  readonly #parent: ParentSpan;
  readonly #onEnd: InnerSpanOptions['onEnd'];
  readonly #context: SpanContext;
  readonly #startedAtMs = Date.now();
  readonly #beganMs = performance.now();
  #tookMs = 0;
  #ended = false;
  #status: SpanStatus = unset;

  constructor({ name, attributes, parent, onEnd }: InnerSpanOptions) {
    this.name = name;
    this.attributes = attributes;
    this.#parent = parent;
    this.#onEnd = onEnd;
    this.parentSpanContext = parent.spanContext();
    const { traceId, traceFlags, traceState } = this.parentSpanContext;
    this.#context = {
      traceId,
      spanId: randomHex(8),
      traceFlags,
      ...(traceState && { traceState }),
    };
  }

  get reference(): SpanReference {
    const { traceId, spanId, traceFlags } = this.#context;
    return { traceId, spanId, sampled: (traceFlags & TraceFlags.SAMPLED) !== 0 };
  }

  get resource(): ReadableSpan['resource'] {
    return this.#parent.resource;
  }

  get instrumentationScope(): ReadableSpan['instrumentationScope'] {
    return this.#parent.instrumentationScope;
  }

  get status(): SpanStatus {
    return this.#status;
  }

  get ended(): boolean {
    return this.#ended;
  }

  get startTime(): HrTime {
    return hrTimeOf(this.#startedAtMs);
  }

  get endTime(): HrTime {
    return hrTimeOf(this.#startedAtMs, this.#tookMs);
  }

  get duration(): HrTime {
    return hrTimeOf(0, this.#tookMs);
  }

  spanContext(): SpanContext {
    return this.#context;
  }

  isRecording(): boolean {
    return !this.#ended;
  }

  set(attributes: SpanAttributes): void {
    if (!this.#ended) Object.assign(this.attributes, attributes);
  }

  link({ traceId, spanId, sampled }: SpanReference): void {
    const traceFlags = sampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
    this.addLink({ context: { traceId, spanId, traceFlags } });
  }

  fail(errorType: string): void {
    this.setAttribute('error.type', errorType).setStatus({ code: SpanStatusCode.ERROR });
  }

  end(): void {
    if (this.#ended) return;
    this.#tookMs = performance.now() - this.#beganMs;
    this.#ended = true;
    this.#onEnd(this);
  }

  setAttribute(key: string, value: AttributeValue): this {
    if (!this.#ended) this.attributes[key] = value;
    return this;
  }

  setAttributes(attributes: Attributes): this {
    if (!this.#ended) Object.assign(this.attributes, attributes);
    return this;
  }

  addLink(link: Link): this {
    if (!this.#ended) this.links.push(link);
    return this;
  }

  addLinks(links: Link[]): this {
    for (const link of links) this.addLink(link);
    return this;
  }

  setStatus({ code }: SpanStatus): this {
    if (!this.#ended) this.#status = { code };
    return this;
  }

  /** Its name is what it is known by. */
  updateName(): this {
    return this;
  }

  /** An event says more than it may. */
  addEvent(): this {
    return this;
  }

  /** So does an exception; that the span failed is told by whoever made it. */
  recordException(): void {}
}

const unset: SpanStatus = { code: SpanStatusCode.UNSET };

const nanosPerMs = 1_000_000;

/** Seconds and nanoseconds: apart, as a number does not hold that many nanoseconds exactly. */
function hrTimeOf(wholeMs: number, moreMs = 0): HrTime {
  const nanos = (wholeMs % 1_000) * nanosPerMs + Math.round(moreMs * nanosPerMs);
  return [Math.floor(wholeMs / 1_000) + Math.floor(nanos / 1e9), nanos % 1e9];
}
