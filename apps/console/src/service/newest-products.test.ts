import { expect, test } from 'vitest';
import { NewestProducts, type ProductChange } from './newest-products.ts';
import type { Product } from './trpc.ts';

function productOf(id: number, version: number): Product {
  return {
    id,
    version,
    sku: `SKU-${id}`,
    name: `Product ${id}`,
    description: '',
    price: `${version}.00`,
    stock: version,
    categoryId: 1,
    category: { id: 1, name: 'Lamps', slug: 'lamps' },
    images: [],
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
  };
}

test('an older answer that arrives late never takes the place of a newer one, alone or in a list', () => {
  const newest = new NewestProducts();
  const newer = newest.share(undefined, productOf(1, 5));
  expect(newest.share(newer, productOf(1, 4))).toBe(newer);
  const page = { items: [productOf(1, 3), productOf(2, 1)], nextCursor: null };
  expect(newest.share(undefined, page)).toEqual({
    items: [productOf(1, 5), productOf(2, 1)],
    nextCursor: null,
  });
  expect(newest.share(undefined, [productOf(1, 4), null])).toEqual([productOf(1, 5), null]);
});

test('what is unchanged stays the same object, so that nothing is drawn anew for it', () => {
  const newest = new NewestProducts();
  const before = newest.share(undefined, [productOf(1, 1), productOf(2, 1)]);
  const after = newest.share(before, [productOf(1, 2), productOf(2, 1)]);
  expect(after).not.toBe(before);
  expect(Object(after)[1]).toBe(Object(before)[1]);
});

test('what others change is told once, what this page has written itself is not', async () => {
  const newest = new NewestProducts();
  const told: ProductChange[] = [];
  newest.subscribe((change) => told.push(change));
  newest.share(undefined, productOf(1, 1));
  newest.noteOwn(productOf(1, 2));
  newest.share(undefined, productOf(1, 2));
  newest.share(undefined, productOf(1, 3));
  newest.share(undefined, [productOf(1, 3)]);
  await Promise.resolve();
  expect(told.map(({ before, after }) => [before.version, after.version])).toEqual([[2, 3]]);
});

test('after a restored database versions may begin anew', () => {
  const newest = new NewestProducts();
  newest.share(undefined, productOf(1, 9));
  newest.forget();
  expect(newest.share(undefined, productOf(1, 1))).toEqual(productOf(1, 1));
});

test('other answers pass as they are', () => {
  const newest = new NewestProducts();
  const categories = [{ id: 1, name: 'Lamps', slug: 'lamps' }];
  expect(newest.share(undefined, categories)).toEqual(categories);
});
