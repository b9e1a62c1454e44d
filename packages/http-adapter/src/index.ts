export * from './http-handler.ts';
export type * from './handler-options.ts';
