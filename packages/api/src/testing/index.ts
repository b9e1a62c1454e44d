export * from './in-memory-cache-admin.ts';
export * from './in-memory-products.ts';
