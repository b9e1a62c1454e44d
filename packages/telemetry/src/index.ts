export * from './duration-instrument.ts';
export type { SpanReference } from './exemplar.ts';
export * from './logger.ts';
export type { Exposition, Tally } from './metric-set.ts';
export * from './metrics.ts';
export { type Build, reading } from './process-sources.ts';
export { type RunningTracing, runningTracing } from './running-tracing.ts';
export * from './spans.ts';
export { asksForSpans } from './tracing-environment.ts';
