import type { CacheOutcome } from '@throughline/write-through';

/** What a mutation did to one product, for those who log or audit it. Prices are exact decimal strings. */
export type ProductChange =
  | {
      readonly type: 'created' | 'updated' | 'deleted';
      readonly id: number;
      readonly version: number;
    }
  | {
      readonly type: 'price-changed';
      readonly id: number;
      readonly version: number;
      readonly oldPrice: string;
      readonly newPrice: string;
    }
  | {
      readonly type: 'stock-adjusted';
      readonly id: number;
      readonly version: number;
      readonly delta: number;
      readonly stock: number;
    };

/** The answer of every repository operation: the value, how the cache took part, and what changed. */
export interface OperationResult<T> {
  readonly value: T;
  readonly outcome: CacheOutcome;
  readonly change?: ProductChange;
  /** The same of a mutation of many products. */
  readonly changes?: readonly ProductChange[];
  /** The value is the first answer to the same call; nothing changed. */
  readonly replayed?: true;
}
