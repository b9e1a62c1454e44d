import { z } from 'zod';
import { id } from '../scalars.ts';
import type { Queryable } from './queryable.ts';

/** The most viewed products, by views and then id. */
export async function selectPopularIds(db: Queryable, limit: number): Promise<number[]> {
  const { rows } = await db.query({ name: 'select_popular_ids', text, values: [limit] });
  return rows.map((row) => rowSchema.parse(row).id);
}

const rowSchema = z.object({ id });

const text = `SELECT id FROM products ORDER BY view_count DESC, id LIMIT $1::int`;
