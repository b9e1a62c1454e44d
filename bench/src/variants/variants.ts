import { serviceVariants } from './service-variants.ts';
import { shopVariants } from './shop-variants.ts';
import { type Variant, type VariantName, variantNames } from './variant.ts';

const byName = new Map([...serviceVariants, ...shopVariants].map((each) => [each.name, each]));

/** All of them, in the order of their names. */
export const variants: readonly Variant[] = variantNames.map(variantOf);

export function variantOf(name: VariantName): Variant {
  const variant = byName.get(name);
  if (variant === undefined) throw new Error(`There is no variant called ${name}.`);
  return variant;
}
