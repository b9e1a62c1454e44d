import { z } from 'zod';
import { createProductSchema } from './product.ts';

/** Products that one call may bring: as many as one may ask for. */
export const upsertedProductsMax = 100;

/**
 * A product as it should be, found by its SKU. What is left out stays as it is, and of a new product is empty, or 0 in stock.
 */
export const upsertProductSchema = z.strictObject({
  ...createProductSchema.shape,
  description: createProductSchema.shape.description.unwrap().optional(),
  stock: createProductSchema.shape.stock.unwrap().optional(),
  images: createProductSchema.shape.images.unwrap().optional(),
});
export type UpsertProduct = z.infer<typeof upsertProductSchema>;

export const upsertManySchema = z.strictObject({
  products: z
    .array(upsertProductSchema)
    .min(1)
    .max(upsertedProductsMax)
    .refine(
      (products) => new Set(products.map(({ sku }) => sku)).size === products.length,
      'must name each SKU once',
    ),
});
export type UpsertMany = z.infer<typeof upsertManySchema>;

/** What became of one product of a call. One that is refused does not keep the others from being written. */
export type UpsertedProduct =
  | {
      readonly sku: string;
      /** `unchanged`: it was as it should be, and keeps its version. */
      readonly outcome: 'created' | 'updated' | 'unchanged';
      readonly id: number;
      readonly version: number;
    }
  | {
      readonly sku: string;
      readonly outcome: 'refused';
      readonly serviceCode: 'CATEGORY_NOT_FOUND';
      readonly message: string;
    };
