import { z } from 'zod';
import { id, text } from './scalars.ts';

export const categorySchema = z.object({ id, name: z.string(), slug: z.string() });
export type Category = z.infer<typeof categorySchema>;

export const createCategorySchema = z.strictObject({
  name: text(1, 100),
  slug: z
    .string()
    .max(100)
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be lower-case words joined by "-"'),
});
export type CreateCategory = z.infer<typeof createCategorySchema>;
