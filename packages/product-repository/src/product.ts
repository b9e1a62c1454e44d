import { z } from 'zod';
import { categorySchema } from './category.ts';
import { id, integerMax, text } from './scalars.ts';

/** An exact decimal string with two digits after the point, "0.00" to "9999999999.99". */
export const priceSchema = z
  .string()
  .regex(/^(0|[1-9]\d{0,9})\.\d{2}$/, 'must be a decimal such as "19.90", at most "9999999999.99"');

export const productImageSchema = z.object({
  id,
  url: z.string(),
  alt: z.string(),
  position: z.int().min(0),
});

/** One product as clients see it and as it stands in the cache. `price` is exact; dates are ISO 8601 in UTC. */
export const productSchema = z.object({
  id,
  sku: z.string(),
  name: z.string(),
  description: z.string(),
  price: priceSchema,
  stock: z.int().min(0),
  categoryId: id,
  category: categorySchema,
  images: z.array(productImageSchema),
  version: z.int().min(1),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type Product = z.infer<typeof productSchema>;

/** Takes the images of a product as they were read, and gives them ids and positions anew. */
const imageInput = z.object({
  url: text(0, 2048).regex(
    /^(https?:\/\/|data:image\/)\S+$/,
    'must be an http, https or data:image URL',
  ),
  alt: text(0, 200).default(''),
});
const fields = {
  sku: text(1, 64),
  name: text(1, 200),
  description: text(0, 10_000),
  categoryId: id,
  images: z.array(imageInput).max(20),
};
const expectedVersion = z.int().min(1).max(integerMax).optional();

export const createProductSchema = z.strictObject({
  ...fields,
  description: fields.description.default(''),
  images: fields.images.default([]),
  price: priceSchema,
  stock: z.int().min(0).max(integerMax).default(0),
});
export type CreateProduct = z.infer<typeof createProductSchema>;

/** Every field but price and stock, which have operations of their own; `images` replaces all images. */
export const updateProductSchema = z.strictObject({
  id,
  expectedVersion,
  ...z.object(fields).partial().shape,
});
export type UpdateProduct = z.infer<typeof updateProductSchema>;

export const updatePriceSchema = z.strictObject({ id, price: priceSchema, expectedVersion });
export type UpdatePrice = z.infer<typeof updatePriceSchema>;

export const adjustStockSchema = z.strictObject({
  id,
  delta: z.int().min(-integerMax).max(integerMax),
  expectedVersion,
});
export type AdjustStock = z.infer<typeof adjustStockSchema>;

export const deleteProductSchema = z.strictObject({ id, expectedVersion });
export type DeleteProduct = z.infer<typeof deleteProductSchema>;
export interface DeletedProduct {
  readonly id: number;
  readonly version: number;
}
