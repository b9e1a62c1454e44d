import { z } from 'zod';
import { id, text } from '../scalars.ts';
import type { Queryable } from './queryable.ts';

/**
 * Where a page of a category ends: the next one begins right after it. Cursors hold it, so it may come from
 * anybody. A name longer than ours may have been written by other means than this package.
 */
export const categoryPositionSchema = z.strictObject({ name: text(0, 10_000), id });
export type CategoryPosition = z.infer<typeof categoryPositionSchema>;

export interface CategoryPageInput {
  readonly categoryId: number;
  readonly limit: number;
  readonly after?: CategoryPosition | undefined;
}

export interface CategoryPage {
  readonly ids: number[];
  readonly nextAfter: CategoryPosition | null;
}

/**
 * One page of a category's products, by name and then id. A page is found by its position and not by
 * counting rows, so the thousandth costs what the first does and products that come or go never shift it.
 */
export async function selectCategoryPage(
  db: Queryable,
  { categoryId, limit, after }: CategoryPageInput,
): Promise<CategoryPage> {
  // One more than asked tells whether there is another page.
  const { rows } = await db.query(
    after === undefined
      ? { name: 'select_category_page', text: firstPage, values: [categoryId, limit + 1] }
      : {
          name: 'select_category_page_after',
          text: nextPage,
          values: [categoryId, limit + 1, after.name, after.id],
        },
  );
  const positions = rows.slice(0, limit).map((row) => categoryPositionSchema.parse(row));
  const nextAfter = rows.length > limit ? positions.at(-1) : undefined;
  return { ids: positions.map((position) => position.id), nextAfter: nextAfter ?? null };
}

const firstPage = `
  SELECT name, id FROM products WHERE category_id = $1::int ORDER BY name, id LIMIT $2::int`;

const nextPage = `
  SELECT name, id FROM products WHERE category_id = $1::int AND (name, id) > ($3::text, $4::int)
   ORDER BY name, id LIMIT $2::int`;
