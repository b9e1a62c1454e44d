/** The span within which something is observed. */
export interface SpanReference {
  /** 32 hexadecimal digits */
  readonly traceId: string;
  /** 16 hexadecimal digits */
  readonly spanId: string;
  readonly sampled: boolean;
}

/**
 * What an observation says about its span: nothing, unless its trace is kept. No other label is ever added:
 * prom-client throws when they are longer than 128 characters together, but only after it has stored an
 * empty exemplar, with which Prometheus refuses the whole scrape from then on.
 */
export function exemplarOf(span: SpanReference | undefined): Readonly<Record<string, string>> {
  if (!span?.sampled || !traceIdPattern.test(span.traceId) || !spanIdPattern.test(span.spanId)) {
    return {};
  }
  return { trace_id: span.traceId, span_id: span.spanId };
}

const traceIdPattern = /^[0-9a-f]{32}$/;
const spanIdPattern = /^[0-9a-f]{16}$/;
