export * from './duration-instrument.ts';
export type { SpanReference } from './exemplar.ts';
export * from './logger.ts';
export type { Exposition, Tally } from './metric-set.ts';
export * from './metrics.ts';
export { type Build, reading } from './process-sources.ts';
