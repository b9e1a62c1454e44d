import type { ListSource, RecordSource } from '@throughline/write-through';
import { type ConnectionPool, withConnection } from '@throughline/write-through/postgres';
import { z } from 'zod';
import { type Category, categorySchema } from './category.ts';
import { type Product, productSchema } from './product.ts';
import { id } from './scalars.ts';
import {
  type CategoryPage,
  categoryPositionSchema,
  type CategoryPosition,
  selectCategories,
  selectCategoryPage,
  selectProducts,
} from './statements/index.ts';

/**
 * How products, the pages of categories and the list of categories stand in the cache. What enters is
 * checked against its schema; what leaves is not, for it is what entered.
 */
export interface ProductSources {
  readonly products: RecordSource<number, Product>;
  readonly categoryPages: ListSource<number, CategoryPageRef, CategoryPage>;
  /** One record: all categories. */
  readonly categories: RecordSource<'all', Category[]>;
}

/** Names one page of a category. */
export interface CategoryPageRef {
  readonly limit: number;
  readonly after?: CategoryPosition | undefined;
}

export interface EntryLives {
  readonly productMs: number;
  /** Of a product whose price has just changed. */
  readonly priceMs: number;
  readonly listMs: number;
}

/** Raise it when the shape of what is cached changes: entries of another number are read from PostgreSQL. */
const schema = 1;

const categoryPageSchema = z.object({
  ids: z.array(id),
  nextAfter: categoryPositionSchema.nullable(),
});

export function productSources(pool: ConnectionPool, lives: EntryLives): ProductSources {
  return {
    products: {
      namespace: 'product',
      schema,
      lifeMs: lives.productMs,
      versioned: true,
      key: String,
      load: async (ids) => {
        const products = await withConnection(pool, async (db) => selectProducts(db, ids));
        return new Map(
          [...products].map(([key, value]) => [String(key), { version: value.version, value }]),
        );
      },
      ...jsonCodec(productSchema),
    },
    categoryPages: {
      namespace: 'category',
      schema,
      lifeMs: lives.listMs,
      listKey: String,
      pageKey: ({ limit, after }) =>
        after === undefined ? `${limit}` : `${limit}:${after.id}:${after.name}`,
      loadPage: async (categoryId, page) =>
        withConnection(pool, async (db) => selectCategoryPage(db, { categoryId, ...page })),
      encodePage: jsonCodec(categoryPageSchema).encode,
      decodePage: jsonCodec(categoryPageSchema).decode,
    },
    categories: {
      namespace: 'categories',
      schema,
      lifeMs: lives.listMs,
      versioned: false,
      key: String,
      load: async () => {
        const value = await withConnection(pool, selectCategories);
        return new Map([['all', { version: 0, value }]]);
      },
      ...jsonCodec(z.array(categorySchema)),
    },
  };
}

function jsonCodec<Value>(gate: z.ZodType<Value>) {
  return {
    encode: (value: Value): Buffer => Buffer.from(JSON.stringify(gate.parse(value))),
    decode: (payload: Buffer): Value => parseJson<Value>(payload.toString()),
  };
}

function parseJson<Value>(text: string): Value {
  const value: Value = JSON.parse(text);
  return value;
}
