import { useState } from 'react';
import type { Product } from '../service/trpc.ts';
import { rebased } from './rebased.ts';

export interface Draft<Values> {
  /** The product as it was when the editing began: its version is the one that is expected. */
  readonly base: Product;
  readonly values: Values;
  readonly isBegun: boolean;
  readonly change: (values: Partial<Values>) => void;
  /** What was typed is given up; the product is shown as it is. */
  readonly clear: () => void;
  /** What was typed is meant for the product as it is now. */
  readonly rebase: () => void;
  /** What is typed by now was saved, with this answer; what was typed since is meant for the answer. */
  readonly settle: (answer: Product) => void;
}

/** What somebody types of a product. Until they begin it follows the product, then it stays as they type it. */
export function useDraft<Values extends object>(
  product: Product,
  valuesOf: (product: Product) => Values,
): Draft<Values> {
  const [begun, setBegun] = useState<{ readonly base: Product; readonly values: Values }>();
  const { base, values } = begun ?? { base: product, values: valuesOf(product) };
  return {
    base,
    values,
    isBegun: begun !== undefined,
    change: (changed) => setBegun({ base, values: { ...values, ...changed } }),
    clear: () => setBegun(undefined),
    rebase: () =>
      setBegun({ base: product, values: rebased(values, valuesOf(base), valuesOf(product)) }),
    settle: (answer) =>
      setBegun((latest) => {
        const saved = valuesOf(answer);
        const kept = rebased(latest?.values ?? saved, values, saved);
        return isSame(kept, saved) ? undefined : { base: answer, values: kept };
      }),
  };
}

function isSame<Values extends object>(some: Values, others: Values): boolean {
  return JSON.stringify(some) === JSON.stringify(others);
}
