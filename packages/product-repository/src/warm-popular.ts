import type {
  CachedRecords,
  WarmOptions,
  WarmPages,
  WarmProgress,
  WarmStep,
} from '@throughline/write-through';
import type { Queryable } from '@throughline/write-through/postgres';
import type { Product } from './product.ts';
import { countProducts, type PopularPosition, selectPopularPage } from './statements/index.ts';

/** How far the warm-up of the most viewed products is. */
export interface ProductWarmStep extends WarmStep, WarmProgress {}

/** Runs a statement on a connection that is free. */
type Select = <Result>(select: (db: Queryable) => Promise<Result>) => Promise<Result>;

/**
 * Loads so many of the most viewed products, the most viewed first; tells how many there are before the first page. A product
 * that is viewed meanwhile may move up past the place of the warm-up: then its reader loads it.
 */
export async function* warmPopular(
  products: Pick<CachedRecords<number, Product>, 'warm'>,
  select: Select,
  { count, ...options }: WarmOptions & { readonly count: number },
): AsyncGenerator<ProductWarmStep, void> {
  const total = await select(async (db) => countProducts(db, count));
  yield { loaded: 0, total, isPaused: false };
  for await (const step of products.warm(popularPages(select, total), options)) {
    yield { ...step, total };
  }
}

/** How many came before it, too. */
interface Position extends PopularPosition {
  readonly seen: number;
}

function popularPages(select: Select, total: number): WarmPages<number, Position | undefined> {
  return {
    after: async (position, countMax) => {
      const seen = position?.seen ?? 0;
      const limit = Math.min(countMax, total - seen);
      const page =
        limit <= 0 ? [] : await select(async (db) => selectPopularPage(db, position, limit));
      const last = page.at(-1);
      return {
        ids: page.map(({ id }) => id),
        position: last === undefined ? undefined : { ...last, seen: seen + page.length },
      };
    },
  };
}
