export * from './in-memory-products.ts';
