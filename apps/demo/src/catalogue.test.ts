import { createCategorySchema, createProductSchema } from '@throughline/product-repository';
import { expect, test } from 'vitest';
import { makeCatalogue } from './catalogue.ts';

const { categories, products } = makeCatalogue();

test('the catalogue is the same each time, and another with another seed', () => {
  expect(makeCatalogue()).toEqual({ categories, products });
  expect(makeCatalogue({ seed: 2 }).products).not.toEqual(products);
});

test('it has 10,000 products in 50 categories, every SKU, slug and name once', () => {
  expect([categories.length, products.length]).toEqual([50, 10_000]);
  expect(new Set(products.map(({ sku }) => sku)).size).toBe(10_000);
  expect(new Set(products.map(({ name, categoryId }) => `${categoryId} ${name}`)).size).toBe(
    10_000,
  );
  expect(new Set(categories.map(({ slug }) => slug)).size).toBe(50);
});

test('every product and category could have been created by a client', () => {
  for (const { name, slug } of categories) createCategorySchema.parse({ name, slug });
  for (const { id: _id, viewCount: _viewCount, createdAt: _createdAt, ...input } of products) {
    createProductSchema.parse(input);
  }
  expect(Math.max(...products.map(({ createdAt }) => createdAt.getTime()))).toBeLessThan(
    Date.UTC(2026, 0, 1),
  );
});

test('views are shaped like those of a shop: few products have most of them', () => {
  const views = products.map(({ viewCount }) => viewCount).toSorted((a, b) => b - a);
  const total = views.reduce((sum, count) => sum + count, 0);
  const top = views.slice(0, 1_000).reduce((sum, count) => sum + count, 0);
  expect(top / total).toBeGreaterThan(0.6);
  expect(views.at(-1)).toBeGreaterThan(0);
});

test('names sort alike by code point and by language', () => {
  const names = [...new Set(products.map(({ name }) => name))];
  const byCodePoint = names.toSorted((a, b) => (a < b ? -1 : 1));
  expect(names.toSorted(new Intl.Collator('en').compare)).toEqual(byCodePoint);
});
