export * from './app-router.ts';
export * from './auth.ts';
export * from './cache-status.ts';
export * from './error-answer.ts';
export type { RequestErrorCode } from './error-table.ts';
export * from './idempotency-key.ts';
export * from './request-context.ts';
export * from './request-limits.ts';
export * from './response-headers.ts';
