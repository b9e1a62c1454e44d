/** The span within which something is observed. */
export interface SpanReference {
  /** 32 hexadecimal digits */
  readonly traceId: string;
  /** 16 hexadecimal digits */
  readonly spanId: string;
  readonly sampled: boolean;
}

/** The labels of an exemplar. Together they may not be longer than 128 characters, so no other is ever added. */
export type ExemplarLabels = Readonly<Record<'trace_id' | 'span_id', string>>;

/** What an observation says about its span: nothing, unless its trace is kept. */
export function exemplarOf(span: SpanReference | undefined): ExemplarLabels | undefined {
  if (!span?.sampled || !traceIdPattern.test(span.traceId) || !spanIdPattern.test(span.spanId)) {
    return undefined;
  }
  return { trace_id: span.traceId, span_id: span.spanId };
}

const traceIdPattern = /^[0-9a-f]{32}$/;
const spanIdPattern = /^[0-9a-f]{16}$/;
