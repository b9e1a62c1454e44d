import { serviceVariants } from './service-variants.ts';
import { shopVariants } from './shop-variants.ts';
import type { Variant, VariantName } from './variant.ts';

const byName = new Map([...serviceVariants, ...shopVariants].map((each) => [each.name, each]));

export function variantOf(name: VariantName): Variant {
  const variant = byName.get(name);
  if (variant === undefined) throw new Error(`There is no variant called ${name}.`);
  return variant;
}
