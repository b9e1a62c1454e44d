import type { Content } from './audit-trail.ts';

/** What a mutation asks for. */
export type Change =
  | { readonly kind: 'create'; readonly content: Content }
  | { readonly kind: 'update'; readonly fields: Partial<Content> }
  /** Of whatever product has the SKU, or of a new one. */
  | { readonly kind: 'upsert'; readonly fields: Omit<Content, 'stock'> }
  | { readonly kind: 'adjust-stock'; readonly delta: number }
  | { readonly kind: 'delete' };

/** What a product holds after a change; undefined if the change cannot be made to what was there. */
export function changed(before: Content | null, change: Change): Content | null | undefined {
  if (change.kind === 'create') return before === null ? change.content : undefined;
  if (change.kind === 'upsert') return { ...(before ?? { stock: 0 }), ...change.fields };
  if (before === null) return undefined;
  switch (change.kind) {
    case 'update':
      return { ...before, ...change.fields };
    case 'adjust-stock':
      return { ...before, stock: before.stock + change.delta };
    case 'delete':
      return null;
  }
}

export function isSame(one: Content | null | undefined, other: Content | null): boolean {
  if (!one || !other) return one === other;
  return (
    one.sku === other.sku &&
    one.name === other.name &&
    one.price === other.price &&
    one.stock === other.stock &&
    one.categoryId === other.categoryId
  );
}
