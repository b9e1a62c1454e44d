import type {
  EntryInspection,
  Verdict,
  WarmProgress,
  WriteOutcome,
} from '@throughline/write-through';
import { z } from 'zod';
import type { Category } from './category.ts';
import type { Product } from './product.ts';
import { integerMax } from './scalars.ts';

/** Names one entry that an operator may look into or drop. The pages of a category go with its entry. */
export type CacheKey =
  | { readonly namespace: 'product' | 'category'; readonly id: number }
  | { readonly namespace: 'categories' };

export const cacheKeySchema = z.string().transform((text, ctx): CacheKey => {
  const key = parseCacheKey(text);
  if (key !== undefined) return key;
  ctx.addIssue('must be product:<id>, category:<id> or categories:all');
  return z.NEVER;
});

/** The key as it is written, without the prefix and the epoch that it has in Redis. */
export function formatCacheKey(key: CacheKey): string {
  return key.namespace === 'categories' ? 'categories:all' : `${key.namespace}:${key.id}`;
}

export const entrySchema = z.strictObject({ key: cacheKeySchema });

export const warmSchema = z.strictObject({ count: z.int().min(1).max(100_000) });

export const verifySchema = z.strictObject({ sample: z.int().min(1).max(1_000) });

export interface InvalidatedEntry {
  readonly key: string;
  /**
   * `published`: it is gone. `deferred`: nobody is answered from it, and its first reader replaces it.
   * `bypass`: no entry is used at the moment, and what there was will never be read again.
   */
  readonly outcome: WriteOutcome;
}

/** An entry beside what the database tells of the same. */
export interface CacheInspection extends EntryInspection<Product | Category[] | string> {
  /** The product, the category, or all categories; null where there is none. */
  readonly row: Product | Category | Category[] | null;
}

/** How many entries of a sample hold what the database holds. */
export interface Verification {
  /** Ids looked at: fewer than asked where some were drawn twice. */
  readonly sample: number;
  readonly same: number;
  readonly different: number;
  readonly absent: number;
  /** Pending, leased or changed meanwhile; and all of them while the cache is not used. */
  readonly unjudged: number;
  /** The first of those that differ. */
  readonly differences: readonly {
    readonly key: string;
    readonly verdict: Verdict;
    readonly cachedVersion: number | null;
    readonly storedVersion: number | null;
  }[];
}

/** What operators may do to the cache. Inputs have passed their schemas; outages are thrown as the engine's errors. */
export interface CacheAdmin {
  /** Drops one entry, safely beside every write and read. */
  invalidate(key: CacheKey): Promise<InvalidatedEntry>;
  /** Ends the epoch, so that no entry of before is read again; the number of the next, once it has begun. */
  reset(): Promise<{ readonly epoch: number }>;
  /** Changes nothing. */
  inspect(key: CacheKey): Promise<CacheInspection>;
  /** Loads so many of the most viewed products whose entries are absent, and tells after each step how far it is. */
  warm(count: number): AsyncIterable<WarmProgress>;
  /** Half of the sample are the most viewed products, the rest is drawn from all ids, deleted ones too. */
  verify(sample: number): Promise<Verification>;
}

function parseCacheKey(text: string): CacheKey | undefined {
  if (text === 'categories:all') return { namespace: 'categories' };
  const [, namespace, digits] = /^(product|category):([1-9]\d{0,9})$/.exec(text) ?? [];
  const id = Number(digits);
  if (id > integerMax) return undefined;
  return namespace === 'product' || namespace === 'category' ? { namespace, id } : undefined;
}
