import {
  type CachedList,
  type CachedRecords,
  type Comparison,
  isViolation,
  type Verdict,
  type WarmProgress,
  type WriteThroughCache,
} from '@throughline/write-through';
import {
  type ConnectionPool,
  type Connection,
  type Queryable,
  withConnection,
} from '@throughline/write-through/postgres';
import {
  type CacheAdmin,
  type CacheInspection,
  type CacheKey,
  formatCacheKey,
  type InvalidatedEntry,
  type Verification,
} from './cache-admin.ts';
import type { Category } from './category.ts';
import type { CategoryPageRef } from './product-sources.ts';
import type { Product } from './product.ts';
import {
  type CategoryPage,
  selectCategories,
  selectPopularIds,
  selectProducts,
  selectSampleIds,
} from './statements/index.ts';
import { warmPopular } from './warm-popular.ts';

export interface ProductCacheAdminParts {
  readonly cache: Pick<WriteThroughCache<Connection>, 'invalidate' | 'reset'>;
  readonly pool: ConnectionPool;
  readonly products: CachedRecords<number, Product>;
  readonly categoryPages: CachedList<number, CategoryPageRef, CategoryPage>;
  readonly categories: CachedRecords<'all', Category[]>;
}

/** Entries compared at once: two round trips to Redis and one statement each. */
const verifyPageSize = 100;
/** A warm-up by hand waits for so long for a store that can be trusted: longer than a new epoch takes. */
const warmPatienceMs = 5_000;
/** More than these is one fault told many times. */
const differencesMax = 20;

/** What operators may do to the entries of products, of category pages and of the list of categories. */
export class ProductCacheAdmin implements CacheAdmin {
  readonly #parts: ProductCacheAdminParts;
  /** Until the warm-up that was asked for last has ended. */
  #warming = Promise.resolve();

  constructor(parts: ProductCacheAdminParts) {
    this.#parts = parts;
  }

  async invalidate(key: CacheKey): Promise<InvalidatedEntry> {
    const outcome = await this.#parts.cache.invalidate(this.#entry(key));
    return { key: formatCacheKey(key), outcome };
  }

  async reset(): Promise<{ readonly epoch: number }> {
    return { epoch: await this.#parts.cache.reset() };
  }

  /** The entry is looked at before the row: so a newer row may be a write that has just ended. */
  async inspect(key: CacheKey): Promise<CacheInspection> {
    const { products, categoryPages, categories } = this.#parts;
    switch (key.namespace) {
      case 'product': {
        const inspection = await products.inspect(key.id);
        const row = (await this.#query(async (db) => selectProducts(db, [key.id]))).get(key.id);
        return { ...inspection, row: row ?? null };
      }
      case 'category': {
        const inspection = await categoryPages.inspect(key.id);
        const row = (await this.#query(selectCategories)).find(({ id }) => id === key.id);
        return { ...inspection, row: row ?? null };
      }
      case 'categories': {
        const inspection = await categories.inspect('all');
        return { ...inspection, row: await this.#query(selectCategories) };
      }
    }
  }

  /** One after the other: together they would load the same products, and leave the process no time for anything else. */
  async *warm(count: number): AsyncGenerator<WarmProgress, void> {
    const { products } = this.#parts;
    const earlier = this.#warming;
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    this.#warming = ended;
    await earlier;
    try {
      const steps = warmPopular(products, async (select) => this.#query(select), {
        count,
        patienceMs: warmPatienceMs,
      });
      for await (const { loaded, total } of steps) yield { loaded, total };
    } finally {
      end();
    }
  }

  async verify(sample: number): Promise<Verification> {
    const ids = await this.#sampleIds(sample);
    const comparisons: Comparison<number>[] = [];
    for (let start = 0; start < ids.length; start += verifyPageSize) {
      const page = ids.slice(start, start + verifyPageSize);
      comparisons.push(...(await this.#parts.products.compare(page)));
    }
    const count = (verdict: Verdict) => comparisons.filter((one) => one.verdict === verdict).length;
    const different = comparisons.filter(({ verdict }) => isViolation(verdict));
    const [same, absent] = [count('same'), count('absent')];
    return {
      sample: ids.length,
      same,
      different: different.length,
      absent,
      unjudged: ids.length - same - different.length - absent,
      differences: different
        .slice(0, differencesMax)
        .map(({ key, verdict, cachedVersion, storedVersion }) => ({
          key,
          verdict,
          cachedVersion,
          storedVersion,
        })),
    };
  }

  #entry(key: CacheKey) {
    const { products, categoryPages, categories } = this.#parts;
    switch (key.namespace) {
      case 'product':
        return products.entry(key.id);
      case 'category':
        return categoryPages.entry(key.id);
      case 'categories':
        return categories.entry('all');
    }
  }

  async #sampleIds(sample: number): Promise<number[]> {
    const popular = await this.#query(async (db) => selectPopularIds(db, Math.ceil(sample / 2)));
    const drawn = await this.#query(async (db) => selectSampleIds(db, sample - popular.length));
    return [...new Set([...popular, ...drawn])];
  }

  async #query<Result>(statement: (db: Queryable) => Promise<Result>): Promise<Result> {
    return withConnection(this.#parts.pool, statement);
  }
}
