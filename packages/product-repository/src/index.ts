export * from './category.ts';
export * from './errors.ts';
export * from './operation-result.ts';
export * from './product-queries.ts';
export * from './product-service.ts';
export * from './product.ts';
