import type { Plan } from '../plan.ts';
import type { Surroundings, Variant, VariantName } from '../variants/variant.ts';
import { variantOf } from '../variants/variants.ts';

/** What every experiment works with. */
export interface Context {
  readonly plan: Plan;
  readonly surroundings: Surroundings;
  readonly token: string;
  /** Only these take part, where it is set. */
  readonly only: ReadonlySet<VariantName> | undefined;
  readonly say: (message: string) => void;
}

/** Those of the variants that take part. */
export function partOf(context: Context, names: readonly VariantName[]): Variant[] {
  return names.filter((name) => context.only?.has(name) ?? true).map(variantOf);
}
