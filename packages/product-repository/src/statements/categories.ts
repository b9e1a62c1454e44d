import { z } from 'zod';
import { categorySchema, type Category, type CreateCategory } from '../category.ts';
import { id as idSchema } from '../scalars.ts';
import type { Queryable } from './queryable.ts';

/** All categories, by name and then id. */
export async function selectCategories(db: Queryable): Promise<Category[]> {
  const { rows } = await db.query({
    name: 'select_categories',
    text: 'SELECT id, name, slug FROM categories ORDER BY name, id',
    values: [],
  });
  return rows.map((row) => categorySchema.parse(row));
}

/** Keeps the category from being renamed or deleted until the transaction ends; false if there is none. */
export async function lockCategory(db: Queryable, id: number): Promise<boolean> {
  const { rows } = await db.query({
    name: 'lock_category',
    text: 'SELECT id FROM categories WHERE id = $1::int FOR SHARE',
    values: [id],
  });
  return rows.length > 0;
}

/** The id of a category yet to be inserted. */
export async function nextCategoryId(db: Queryable): Promise<number> {
  const { rows } = await db.query({
    name: 'next_category_id',
    text: `SELECT nextval('categories_id_seq')::int AS id`,
    values: [],
  });
  return z.object({ id: idSchema }).parse(rows[0]).id;
}

/** Throws a violation of `categories_slug_key` when the slug is taken, of `categories_pkey` when the id is. */
export async function insertCategory(
  db: Queryable,
  id: number,
  input: CreateCategory,
): Promise<Category> {
  const { rows } = await db.query({
    name: 'insert_category',
    text: `INSERT INTO categories (id, name, slug) VALUES ($1::int, $2::text, $3::text)
           RETURNING id, name, slug`,
    values: [id, input.name, input.slug],
  });
  return categorySchema.parse(rows[0]);
}
