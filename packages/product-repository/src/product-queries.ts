import { z } from 'zod';
import { id, text } from './scalars.ts';
import type { Product } from './product.ts';

/** Holds a name of 200 characters, each escaped in JSON and all in base64. */
const cursor = z.string().max(2048).optional();

export const byIdSchema = z.strictObject({ id });
export type ById = z.infer<typeof byIdSchema>;

export const byIdsSchema = z.strictObject({ ids: z.array(id).min(1).max(100) });
export type ByIds = z.infer<typeof byIdsSchema>;

export const byCategorySchema = z.strictObject({
  categoryId: id,
  limit: z.int().min(1).max(200).default(50),
  cursor,
});
export type ByCategory = z.infer<typeof byCategorySchema>;

export const searchSchema = z.strictObject({
  query: text(1, 100),
  limit: z.int().min(1).max(100).default(20),
  cursor,
});
export type Search = z.infer<typeof searchSchema>;

export const popularSchema = z.strictObject({ limit: z.int().min(1).max(100).default(20) });
export type Popular = z.infer<typeof popularSchema>;

/** One page of an ordered list; `nextCursor` is opaque and null on the last page. */
export interface Page {
  readonly items: Product[];
  readonly nextCursor: string | null;
}
