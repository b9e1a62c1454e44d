import { answerOf } from '@throughline/write-through/postgres';
import { constraintViolated } from '../database-error.ts';
import { productSchema, type Product } from '../product.ts';
import type { Connection, Statement } from './queryable.ts';
import { selectProductsStatement } from './select-products.ts';

/** All that a product has of its own, but its id and its images. */
interface ProductFields {
  readonly id: number;
  readonly sku: string;
  readonly name: string;
  readonly description: string;
  readonly price: string;
  readonly stock: number;
  readonly categoryId: number;
}

interface ImagesOf {
  readonly id: number;
  readonly images: readonly { readonly url: string; readonly alt: string }[];
}

/** Changes of many products that are locked, and of products yet to be. */
export interface ProductBatch {
  readonly updated: readonly (ProductFields & {
    /** Whether its name or its description changes: only then are its words sorted anew. */
    readonly isReworded: boolean;
  })[];
  readonly created: readonly ProductFields[];
  /** Those that have other images from now on. */
  readonly pictured: readonly ImagesOf[];
}

/**
 * Locks the categories against a rename and then the products against changes, each in the order of their ids, and reads the
 * products as they are then; undefined where one of all these is gone. Everybody who locks several rows does so in this
 * order, so nobody waits for each other.
 */
export async function lockProducts(
  db: Connection,
  ids: readonly number[],
  categoryIds: readonly number[],
): Promise<Map<number, Product> | undefined> {
  const [categories, locked, products] = (
    await db.queryAll([
      { name: 'lock_categories', text: lockCategoriesText, values: [categoryIds] },
      { name: 'lock_products', text: lockProductsText, values: [ids] },
      selectProductsStatement(ids),
    ])
  ).map((answer) => answerOf(answer).rows);
  if (categories?.length !== categoryIds.length || locked?.length !== ids.length) return undefined;
  return byId(products);
}

/**
 * Writes the batch, and reads those of its products back whose ids are given, in one round trip. `taken`: a SKU or an id belongs
 * to another product by now; the transaction has failed.
 */
export async function writeProducts(
  db: Connection,
  batch: ProductBatch,
  ids: readonly number[],
): Promise<Map<number, Product> | 'taken'> {
  const answers = await db.queryAll([...changes(batch), selectProductsStatement(ids)]);
  // What follows a statement that failed fails for its sake.
  const failed = answers.find((answer) => answer.status === 'rejected');
  const violated = failed && constraintViolated(failed.reason);
  if (violated === 'products_sku_key' || violated === 'products_pkey') return 'taken';
  return byId(answers.map((answer) => answerOf(answer).rows).at(-1));
}

function byId(rows: readonly unknown[] = []): Map<number, Product> {
  const products = rows.map((row) => productSchema.parse(row));
  return new Map(products.map((product) => [product.id, product]));
}

/** Rows come first: whoever has inserted a SKU and is waited for has locked all the rows that it needs. */
function changes({ updated, created, pictured }: ProductBatch): Statement[] {
  const reworded = updated.filter(({ isReworded }) => isReworded);
  const others = updated.filter(({ isReworded }) => !isReworded);
  const images = pictured.flatMap(({ id, images: each }) =>
    each.map((image, position) => ({ id, position, ...image })),
  );
  const isUpdated = new Set(updated.map(({ id }) => id));
  const removed = pictured.map(({ id }) => id).filter((id) => isUpdated.has(id));
  const statements = [
    { name: 'update_reworded_products', text: rewordText, values: columnsOf(reworded) },
    { name: 'update_products', text: updateText, values: columnsOf(others) },
    { name: 'insert_products', text: insertText, values: columnsOf(created) },
    { name: 'remove_images', text: removeImagesText, values: [removed] },
    {
      name: 'insert_images',
      text: insertImagesText,
      values: [
        images.map(({ id }) => id),
        images.map(({ url }) => url),
        images.map(({ alt }) => alt),
        images.map(({ position }) => position),
      ],
    },
  ];
  return statements.filter(({ values: [first] }) => first?.length !== 0);
}

function columnsOf(products: readonly ProductFields[]): unknown[][] {
  return [
    products.map(({ id }) => id),
    products.map(({ sku }) => sku),
    products.map(({ name }) => name),
    products.map(({ description }) => description),
    products.map(({ price }) => price),
    products.map(({ stock }) => stock),
    products.map(({ categoryId }) => categoryId),
  ];
}

const lockCategoriesText = `
  SELECT id FROM categories WHERE id = ANY($1::int[]) ORDER BY id FOR SHARE`;

const lockProductsText = `
  SELECT id FROM products WHERE id = ANY($1::int[]) ORDER BY id FOR NO KEY UPDATE`;

const input = `
  unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::numeric[], $6::int[], $7::int[])
    AS input (id, sku, name, description, price, stock, category_id)`;

/** A column that is named has its triggers run, changed or not. */
function updating(words: string): string {
  return `
  UPDATE products AS product
     SET ${words}price = input.price, stock = input.stock, category_id = input.category_id,
         version = product.version + 1,
         updated_at = greatest(clock_timestamp(), product.updated_at)
    FROM ${input}
   WHERE product.id = input.id`;
}

const rewordText = updating('name = input.name, description = input.description, ');
const updateText = updating('');

/** In the order of the SKUs, so that two who bring the same ones do not wait for each other. */
const insertText = `
  INSERT INTO products (id, sku, name, description, price, stock, category_id, version)
  SELECT input.id, input.sku, input.name, input.description, input.price, input.stock,
         input.category_id, coalesce(deleted.version + 1, 1)
    FROM ${input} LEFT JOIN deleted_products AS deleted ON deleted.id = input.id
   ORDER BY input.sku COLLATE "C"`;

const removeImagesText = 'DELETE FROM product_images WHERE product_id = ANY($1::int[])';

const insertImagesText = `
  INSERT INTO product_images (product_id, url, alt, position)
  SELECT * FROM unnest($1::int[], $2::text[], $3::text[], $4::int[])`;
