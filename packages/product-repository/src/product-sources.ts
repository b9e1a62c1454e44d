import type { ListSource, RecordSource } from '@throughline/write-through';
import { type ConnectionPool, withConnection } from '@throughline/write-through/postgres';
import type { Category } from './category.ts';
import type { Product } from './product.ts';
import {
  type CategoryPage,
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
export const cachedSchema = 1;

const pageCodec = jsonCodec<CategoryPage>();

export function productSources(pool: ConnectionPool, lives: EntryLives): ProductSources {
  return {
    products: {
      namespace: 'product',
      schema: cachedSchema,
      lifeMs: lives.productMs,
      versioned: true,
      key: String,
      load: async (ids) => {
        const products = await withConnection(pool, async (db) => selectProducts(db, ids));
        return new Map(
          [...products].map(([key, value]) => [String(key), { version: value.version, value }]),
        );
      },
      ...jsonCodec<Product>(),
    },
    categoryPages: {
      namespace: 'category',
      schema: cachedSchema,
      lifeMs: lives.listMs,
      listKey: String,
      pageKey: ({ limit, after }) =>
        after === undefined ? `${limit}` : `${limit}:${after.id}:${after.name}`,
      loadPage: async (categoryId, page) =>
        withConnection(pool, async (db) => selectCategoryPage(db, { categoryId, ...page })),
      encodePage: pageCodec.encode,
      decodePage: pageCodec.decode,
    },
    categories: {
      namespace: 'categories',
      schema: cachedSchema,
      lifeMs: lives.listMs,
      versioned: false,
      key: String,
      load: async () => {
        const value = await withConnection(pool, selectCategories);
        return new Map([['all', { version: 0, value }]]);
      },
      ...jsonCodec<Category[]>(),
    },
  };
}

/** Statements check what they return against its schema, so what comes here is what may enter. */
function jsonCodec<Value>() {
  return {
    encode: (value: Value): Buffer => Buffer.from(JSON.stringify(value)),
    decode: (payload: Buffer): Value => {
      const value: Value = JSON.parse(payload.toString());
      return value;
    },
  };
}
