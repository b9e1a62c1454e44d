import { expect, test } from 'vitest';
import { createCategorySchema } from './category.ts';
import { createProductSchema, updateProductSchema } from './product.ts';

const product = { sku: 'A-1', name: 'Lamp', price: '1.00', categoryId: 1 };
const unstorable = ['a\0b', 'a\ud800b', '\udc00'];

test('what PostgreSQL cannot store is refused in every text of a product and of a category', () => {
  for (const text of unstorable) {
    const url = `https://example.com/${text}`;
    for (const change of [
      { sku: text },
      { name: text },
      { description: text },
      { price: text },
      { images: [{ url }] },
      { images: [{ url: 'https://example.com', alt: text }] },
    ]) {
      const written = JSON.stringify(change);
      expect([written, createProductSchema.safeParse({ ...product, ...change }).success]).toEqual([
        written,
        false,
      ]);
      expect([written, updateProductSchema.safeParse({ id: 1, ...change }).success]).toEqual([
        written,
        false,
      ]);
    }
    for (const change of [{ name: text }, { slug: text }]) {
      expect(createCategorySchema.safeParse({ name: 'a', slug: 'a', ...change }).success).toBe(
        false,
      );
    }
  }
  expect(createProductSchema.safeParse(product).success).toBe(true);
});

test.each(['http://a', 'https://a/b?c#d', 'data:image/png;base64,AA=='])(
  'an image may be at %s',
  (url) => {
    expect(createProductSchema.safeParse({ ...product, images: [{ url }] }).success).toBe(true);
  },
);

test.each([
  ['nothing', ''],
  ['a script', 'javascript:alert(1)'],
  ['a page', 'data:text/html,x'],
  ['a URL after a blank', ' https://a'],
  ['a URL with a blank in it', 'https://a b'],
  ['a URL of 2,049 characters', `https://${'a'.repeat(2_041)}`],
])('an image may not be at %s', (_, url) => {
  expect(createProductSchema.safeParse({ ...product, images: [{ url }] }).success).toBe(false);
});
