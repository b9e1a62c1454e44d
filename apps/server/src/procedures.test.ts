import { beforeEach, expect, test } from 'vitest';
import type { ThroughlineClient } from '@throughline/client';
import { cacheStatus, startService, type RunningService } from './testing/running-service.ts';

let client: ThroughlineClient;
let categoryId: number;

beforeEach(async () => {
  const service: RunningService = await startService();
  client = await service.clientWith('catalog:read', 'catalog:write', 'cache:admin');
  ({ id: categoryId } = await client.category.create.mutate({ name: 'Tools', slug: 'tools' }));
  return () => service[Symbol.asyncDispose]();
});

function createProduct(name: string) {
  const sku = name.toUpperCase();
  return client.product.create.mutate({ sku, name, price: '19.90', categoryId });
}

test('a product that was created can be read by its id, with its category and its defaults', async () => {
  const created = await createProduct('Hammer');
  expect(created).toMatchObject({
    sku: 'HAMMER',
    price: '19.90',
    stock: 0,
    description: '',
    images: [],
    version: 1,
    category: { id: categoryId, name: 'Tools', slug: 'tools' },
  });
  expect(await client.product.byId.query({ id: created.id })).toEqual(created);
});

test('products are answered in the order asked, duplicates and absences included', async () => {
  const [hammer, saw] = [await createProduct('Hammer'), await createProduct('Saw')];
  const ids = [saw.id, 999, hammer.id, saw.id];
  expect(await client.product.byIds.query({ ids })).toEqual([saw, null, hammer, saw]);
});

test('a category is read page by page to its end', async () => {
  const created = [
    await createProduct('Axe'),
    await createProduct('Hammer'),
    await createProduct('Saw'),
  ];
  const first = await client.product.byCategory.query({ categoryId, limit: 2 });
  expect(first).toEqual({ items: created.slice(0, 2), nextCursor: expect.any(String) });
  const cursor = first.nextCursor ?? '';
  const last = await client.product.byCategory.query({ categoryId, limit: 2, cursor });
  expect(last).toEqual({ items: created.slice(2), nextCursor: null });
});

test('a search answers a page of products', async () => {
  const hammer = await createProduct('Hammer');
  await createProduct('Saw');
  const page = await client.product.search.query({ query: 'ham' });
  expect(page).toEqual({ items: [hammer], nextCursor: null });
});

test('the most viewed products are a list no longer than asked', async () => {
  await createProduct('Hammer');
  await createProduct('Saw');
  expect(await client.product.popular.query({ limit: 1 })).toHaveLength(1);
  expect(await client.product.popular.query({})).toHaveLength(2);
});

test('an update changes the fields that were sent and raises the version by one', async () => {
  const { id } = await createProduct('Hammer');
  const images = [{ url: 'https://example.com/1.png' }];
  const updated = await client.product.update.mutate({ id, name: 'Mallet', images });
  expect(updated).toMatchObject({
    sku: 'HAMMER',
    name: 'Mallet',
    version: 2,
    images: [{ url: 'https://example.com/1.png', alt: '', position: 0 }],
  });
});

test('a price is changed as the exact decimal that was sent', async () => {
  const { id } = await createProduct('Hammer');
  const price = '9999999999.99';
  const updated = await client.product.updatePrice.mutate({ id, price, expectedVersion: 1 });
  expect(updated).toMatchObject({ price, version: 2 });
});

test('stock is adjusted by what was sent', async () => {
  const { id } = await createProduct('Hammer');
  await client.product.adjustStock.mutate({ id, delta: 5 });
  const updated = await client.product.adjustStock.mutate({ id, delta: -2 });
  expect(updated).toMatchObject({ stock: 3, version: 3 });
});

test('a deletion tells the last version, and the product is gone', async () => {
  const { id } = await createProduct('Hammer');
  expect(await client.product.delete.mutate({ id })).toEqual({ id, version: 2 });
  expect(await client.product.byIds.query({ ids: [id] })).toEqual([null]);
});

test('categories are listed, with an empty input or without one', async () => {
  const categories = [{ id: categoryId, name: 'Tools', slug: 'tools' }];
  expect(await client.category.list.query({})).toEqual(categories);
  expect(await client.category.list.query()).toEqual(categories);
});

test('the status of the cache is what the cache says of itself', async () => {
  expect(await client.cache.status.query()).toEqual(cacheStatus);
});
