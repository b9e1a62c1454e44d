import { z } from 'zod';
import { id } from '../scalars.ts';
import type { Queryable } from './queryable.ts';

/**
 * Distinct ids drawn at random from 1 to the newest, about so many. Those of products that are gone are among
 * them: their entries must not hold a product either.
 */
export async function selectSampleIds(db: Queryable, count: number): Promise<number[]> {
  const { rows } = await db.query({ name: 'select_sample_ids', text, values: [count] });
  return rows.map((row) => rowSchema.parse(row).id);
}

const rowSchema = z.object({ id });

const text = `
  SELECT DISTINCT 1 + floor(random() * newest.id)::int AS id
    FROM (SELECT max(id) AS id FROM products) AS newest, generate_series(1, $1::int)
   WHERE newest.id IS NOT NULL`;
