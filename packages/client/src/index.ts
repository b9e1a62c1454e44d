export type { Answer, CacheWord, ServerTiming } from './answer.ts';
export * from './client-error.ts';
export * from './client.ts';
