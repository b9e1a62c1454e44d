export type { Answer, CacheWord, ServerTiming } from './answer.ts';
export { type ClientCode, isThroughlineError, type ThroughlineError } from './client-error.ts';
export * from './client.ts';
export * from './failure.ts';
export type { Fetch } from './fetch-answer.ts';
export type { ServiceCode } from './service-codes.ts';
