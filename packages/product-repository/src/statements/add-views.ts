import type { Queryable } from './queryable.ts';

/**
 * Adds views to products. Neither version nor `updated_at` change: views are not part of a product's answer.
 * Rows are locked in the order of their ids, so two processes that flush at once cannot deadlock. Ids of
 * products that are gone are ignored.
 */
export async function addViews(db: Queryable, views: ReadonlyMap<number, number>): Promise<void> {
  await db.query({
    name: 'add_views',
    text,
    values: [[...views.keys()], [...views.values()]],
  });
}

const text = `
  WITH locked AS (
    SELECT product.id, input.views
      FROM products AS product
      JOIN unnest($1::int[], $2::int[]) AS input (id, views) ON input.id = product.id
     ORDER BY product.id
       FOR NO KEY UPDATE OF product
  )
  UPDATE products AS product SET view_count = product.view_count + locked.views
    FROM locked WHERE product.id = locked.id`;
