import { expect, test } from 'vitest';
import { productRow } from './product-row.ts';

const categories = {
  find: async (text: string) =>
    text === 'lamps' ? { id: 7 } : { problem: 'the category is unknown' },
};
const row = { sku: 'A', name: 'Lamp', price: '1.00', category: 'lamps' };

test.for([
  ['19', '19.00'],
  ['19.', '19.00'],
  ['19.9', '19.90'],
  ['19.900', '19.90'],
  [' 007.50 ', '7.50'],
  ['00', '0.00'],
  ['000.5', '0.50'],
  ['9999999999.99', '9999999999.99'],
])('the price %j is %s', async ([price, exact]) => {
  const { product } = await productRow({ ...row, price }, categories);
  expect(product?.price).toBe(exact);
});

test.for(['19.999', '19,90', '-1', '1e3', '$5', '.5', 'NaN', '1.2.3', 19.9])(
  'the price %j is refused',
  async (price) => {
    expect(await productRow({ ...row, price }, categories)).toMatchObject({
      problem: 'price is not a decimal with at most two digits after the point',
    });
  },
);

test('a long price is refused at once', async () => {
  const price = `${'0'.repeat(200_000)}x`;
  expect(await productRow({ ...row, price }, categories)).toMatchObject({
    problem: 'price is not a decimal with at most two digits after the point',
  });
});

test('what is left out is not sent; an empty description and no images are', async () => {
  expect(await productRow({ ...row, stock: '' }, categories)).toEqual({
    product: { sku: 'A', name: 'Lamp', price: '1.00', categoryId: 7 },
  });
  expect(
    await productRow({ ...row, description: '', images: '', stock: ' 5 ' }, categories),
  ).toEqual({
    product: {
      sku: 'A',
      name: 'Lamp',
      price: '1.00',
      categoryId: 7,
      description: '',
      images: [],
      stock: 5,
    },
  });
});

test.for([
  [
    'http://a/1 | http://a/2',
    [
      { url: 'http://a/1', alt: '' },
      { url: 'http://a/2', alt: '' },
    ],
  ],
  [
    '["http://a/1",{"url":"http://a/|","alt":"x"}]',
    [
      { url: 'http://a/1', alt: '' },
      { url: 'http://a/|', alt: 'x' },
    ],
  ],
  [['http://a/1'], [{ url: 'http://a/1', alt: '' }]],
] as const)('the images %j are read', async ([images, expected]) => {
  const { product } = await productRow({ ...row, images }, categories);
  expect(product?.images).toEqual(expected);
});

test.for([
  [{ sku: '', name: null }, 'sku is missing; name is missing'],
  [{ sku: 5 }, 'sku is not text'],
  [{ name: ' ' }, 'name must not be blank'],
  [{ name: 'x'.repeat(201) }, 'name has more than 200 characters'],
  [{ name: 'a\0' }, 'name must be valid Unicode without NUL'],
  [{ price: undefined, category: '' }, 'price is missing; category is missing'],
  [{ price: '10000000000' }, 'price is more than 9999999999.99'],
  [{ stock: '1.5' }, 'stock is not a whole number from 0 on'],
  [{ stock: -1 }, 'stock is not a whole number from 0 on'],
  [{ stock: '2147483648' }, 'stock is more than 2147483647'],
  [{ stock: '99999999999999999999' }, 'stock is more than 2147483647'],
  [{ stock: '9'.repeat(400) }, 'stock is more than 2147483647'],
  [{ category: 'nowhere' }, 'category "nowhere": the category is unknown'],
  [{ category: 7 }, 'category is not text'],
  [{ images: 'ftp://a/1' }, 'image 1 must be an http, https or data:image URL'],
  [{ images: '[' }, 'images are neither URLs with | between them nor a list in JSON'],
  [{ images: Array(21).fill('http://a/1').join('|') }, 'images is more than 20'],
  [
    { price: 'x', stock: 'y' },
    'price is not a decimal with at most two digits after the point; stock is not a whole number from 0 on',
  ],
] as const)('%j is rejected as: %s', async ([fields, problem]) => {
  expect(await productRow({ ...row, ...fields }, categories)).toMatchObject({ problem });
});
