export * from './duration-instrument.ts';
export type { Distribution } from './distribution.ts';
export type { SpanReference } from './exemplar.ts';
export * from './logger.ts';
export { MergedMetrics } from './merged-metrics.ts';
export type { Exposition, Observer, Tally } from './metric-set.ts';
export type { MetricSnapshot } from './metric-snapshot.ts';
export * from './metrics.ts';
export { type Build, reading } from './process-sources.ts';
export { silentSources } from './silent-sources.ts';
export { type RunningTracing, runningTracing } from './running-tracing.ts';
export { currentRequestScope } from './request-scope.ts';
export {
  type ServerSpan,
  type ServerSpanDescription,
  startServerSpan,
  traceparentOf,
  withRequest,
} from './server-span.ts';
export type { OpenSpan } from './inner-span.ts';
export { currentSpan, currentSpanReference, errorTypeOf, isTraced, withSpan } from './spans.ts';
export { asksForSpans } from './tracing-environment.ts';
