import type { Product, UpdateProduct } from '../product.ts';
import { changeProduct, productChangeStatement, readBack } from './change-product.ts';
import { lockCategory } from './categories.ts';
import type { Connection, Queryable } from './queryable.ts';
import type { Placement } from './read-placement.ts';

export type UpdateProductResult =
  | { readonly type: 'updated'; readonly product: Product }
  | { readonly type: 'missing' }
  | { readonly type: 'category-missing' }
  | { readonly type: 'version-conflict'; readonly currentVersion: number }
  /** The product was renamed or moved since its placement was read. */
  | { readonly type: 'outdated' };

/** Throws a violation of `products_sku_key` when the SKU is taken. `images` replaces all images. */
export async function updateProduct(
  db: Connection,
  input: UpdateProduct,
  placement: Pick<Placement, 'name' | 'categoryId'>,
): Promise<UpdateProductResult> {
  const { id, expectedVersion, images } = input;
  // Whoever renames a category locks it before its products, and so does a product that enters one.
  if (input.categoryId !== undefined && !(await lockCategory(db, input.categoryId))) {
    return { type: 'category-missing' };
  }
  const result = await changeProduct(db, statement, {
    id,
    expectedVersion,
    values: [
      placement.name,
      placement.categoryId,
      input.sku ?? null,
      input.name ?? null,
      input.description ?? null,
      input.categoryId ?? null,
    ],
  });
  switch (result.type) {
    case 'changed':
      if (images === undefined) return { type: 'updated', product: result.product };
      await replaceImages(db, id, images);
      return { type: 'updated', product: await readBack(db, id) };
    case 'refused':
      return { type: 'outdated' };
    case 'missing':
    case 'version-conflict':
      return result;
  }
}

async function replaceImages(
  db: Queryable,
  id: number,
  images: NonNullable<UpdateProduct['images']>,
): Promise<void> {
  await db.query({
    name: 'replace_images',
    text: replaceImagesText,
    values: [id, images.map((image) => image.url), images.map((image) => image.alt)],
  });
}

const statement = productChangeStatement({
  name: 'update_product',
  set: `sku = coalesce($5::text, product.sku),
           name = coalesce($6::text, product.name),
           description = coalesce($7::text, product.description),
           category_id = coalesce($8::int, product.category_id)`,
  condition: 'product.name = $3::text AND product.category_id = $4::int',
});

const replaceImagesText = `
  WITH removed AS (
    DELETE FROM product_images WHERE product_id = $1::int
  )
  INSERT INTO product_images (product_id, url, alt, position)
  SELECT $1::int, input.url, input.alt, input.ordinality - 1
    FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS input (url, alt, ordinality)`;
