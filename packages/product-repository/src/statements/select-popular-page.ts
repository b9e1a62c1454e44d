import { z } from 'zod';
import { id } from '../scalars.ts';
import type { Queryable } from './queryable.ts';

/** The last product of a page of the most viewed. */
export interface PopularPosition {
  /** Decimal: there may be more than a number holds. */
  readonly views: string;
  readonly id: number;
}

/** The products that follow a position among the most viewed, by views and then id; the first ones without it. */
export async function selectPopularPage(
  db: Queryable,
  after: PopularPosition | undefined,
  limit: number,
): Promise<PopularPosition[]> {
  const { views, id: lastId } = after ?? beforeAll;
  const values = [views, lastId, limit];
  const { rows } = await db.query({ name: 'select_popular_page', text, values });
  return rows.map((row) => rowSchema.parse(row));
}

/** So many products at most; counting stops there. */
export async function countProducts(db: Queryable, countMax: number): Promise<number> {
  const { rows } = await db.query({ name: 'count_products', text: countText, values: [countMax] });
  return countSchema.parse(rows[0]).count;
}

const beforeAll: PopularPosition = { views: '9223372036854775807', id: 0 };
const rowSchema = z.object({ views: z.string(), id });
const countSchema = z.object({ count: z.int() });

// Each half is a range of the index: one comparison of both columns, whose orders differ, would be none.
const text = `
  SELECT view_count::text AS views, id
    FROM ((SELECT view_count, id FROM products
            WHERE view_count = $1::bigint AND id > $2::int
            ORDER BY id LIMIT $3::int)
          UNION ALL
          (SELECT view_count, id FROM products
            WHERE view_count < $1::bigint
            ORDER BY view_count DESC, id LIMIT $3::int)) AS page
   ORDER BY view_count DESC, id LIMIT $3::int`;

const countText = `
  SELECT count(*)::int AS count FROM (SELECT FROM products LIMIT $1::int) AS counted`;
