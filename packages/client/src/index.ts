export * from './client-error.ts';
export * from './client.ts';
