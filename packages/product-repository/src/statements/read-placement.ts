import { z } from 'zod';
import { id as idSchema } from '../scalars.ts';
import type { Queryable } from './queryable.ts';

const placementSchema = z.object({
  name: z.string(),
  categoryId: idSchema,
  version: z.int().min(1),
});

/** What decides in which list a product stands, and where in it. */
export type Placement = z.infer<typeof placementSchema>;

/**
 * Read without a lock, before a write marks the lists it may change. A statement that changes or deletes the
 * product says `outdated` if the placement is no longer this one.
 */
export async function readPlacement(db: Queryable, id: number): Promise<Placement | null> {
  const { rows } = await db.query({ name: 'read_placement', text, values: [id] });
  const row = rows[0];
  return row === undefined ? null : placementSchema.parse(row);
}

const text = `SELECT name, category_id AS "categoryId", version FROM products WHERE id = $1::int`;
