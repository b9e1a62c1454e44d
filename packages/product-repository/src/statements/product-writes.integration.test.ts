import type { HeardClient } from '@throughline/write-through/postgres';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { constraintViolated } from '../database-error.ts';
import {
  inTransaction,
  makeCategory,
  makeProduct,
  openTestCatalogue,
  type TestCatalogue,
} from '../testing/test-catalogue.ts';
import { adjustStock } from './adjust-stock.ts';
import { insertCategory } from './categories.ts';
import { deleteProduct } from './delete-product.ts';
import { insertProduct } from './insert-product.ts';
import { readPlacement } from './read-placement.ts';
import { selectProducts } from './select-products.ts';
import { updatePrice } from './update-price.ts';
import { updateProduct } from './update-product.ts';

let catalogue: TestCatalogue;
let db: HeardClient;
let other: HeardClient;

beforeAll(async () => {
  catalogue = await openTestCatalogue();
  db = await catalogue.connect();
  other = await catalogue.connect();
});
afterAll(() => catalogue[Symbol.asyncDispose]());

const stored = async (id: number) => (await selectProducts(db, [id])).get(id);
const missingId = 2_000_000_000;

describe('a new product', () => {
  test('is answered as it is read afterwards', async () => {
    const product = await makeProduct(db, {
      description: 'line\n"quoted" \\ 日本',
      images: [
        { url: 'https://example.com/b.jpg', alt: 'b' },
        { url: 'https://example.com/a.jpg', alt: '' },
      ],
    });
    expect(product.version).toBe(1);
    expect(product.images.map(({ alt, position }) => ({ alt, position }))).toEqual([
      { alt: 'b', position: 0 },
      { alt: '', position: 1 },
    ]);
    expect(product.createdAt).toBe(product.updatedAt);
    expect(await stored(product.id)).toEqual(product);
  });

  test('is refused where its category is missing', async () => {
    const input = { sku: 's', name: 'n', description: '', price: '1.00', stock: 0, images: [] };
    const result = await insertProduct(db, 7, { ...input, categoryId: missingId });
    expect(result).toEqual({ type: 'category-missing' });
  });

  test('names the constraint when its SKU is taken', async () => {
    const { sku } = await makeProduct(db);
    const err = await makeProduct(db, { sku }).catch((reason: unknown) => reason);
    expect(constraintViolated(err)).toBe('products_sku_key');
  });

  test('keeps every price exactly', async () => {
    const { id } = await makeProduct(db);
    const cents = fc.bigInt({ min: 0n, max: 999_999_999_999n });
    await fc.assert(
      fc.asyncProperty(cents, async (amount) => {
        const price = `${amount / 100n}.${String(amount % 100n).padStart(2, '0')}`;
        expect(await updatePrice(db, { id, price })).toMatchObject({ product: { price } });
        expect((await stored(id))?.price).toBe(price);
      }),
      { examples: [[0n], [1n], [999_999_999_999n]], numRuns: 200 },
    );
  });
});

test('a taken slug names the constraint', async () => {
  await insertCategory(db, 1_000_000, { name: 'One', slug: 'taken' });
  const err = await insertCategory(db, 1_000_001, { name: 'Two', slug: 'taken' }).catch(
    (reason: unknown) => reason,
  );
  expect(constraintViolated(err)).toBe('categories_slug_key');
  expect(constraintViolated(new Error('something else'))).toBeUndefined();
});

describe('every change', () => {
  const changes = {
    updatePrice: (id: number, expectedVersion?: number) =>
      updatePrice(db, { id, price: '10.00', expectedVersion }),
    adjustStock: (id: number, expectedVersion?: number) =>
      adjustStock(db, { id, delta: 0, expectedVersion }),
    updateProduct: async (id: number, expectedVersion?: number) =>
      updateProduct(db, { id, expectedVersion }, await placementOf(id)),
  };

  test.for(Object.entries(changes))(
    '%s raises the version by one, even if it changes no value',
    async ([, change]) => {
      const product = await makeProduct(db);
      const result = await change(product.id);
      const changed = { ...product, version: 2, updatedAt: expect.any(String) };
      expect(result).toMatchObject({ type: 'updated', product: changed });
      expect(await stored(product.id)).toEqual('product' in result && result.product);
      expect(await change(product.id, 2)).toMatchObject({ product: { version: 3 } });
    },
  );

  test.for(Object.entries(changes))(
    '%s changes nothing when the expected version is another',
    async ([, change]) => {
      const product = await makeProduct(db);
      expect(await change(product.id, 9)).toEqual({ type: 'version-conflict', currentVersion: 1 });
      expect(await stored(product.id)).toEqual(product);
    },
  );

  test.for(Object.entries(changes))('%s says when there is no such product', async ([, change]) => {
    expect(await change(missingId)).toEqual({ type: 'missing' });
  });
});

describe('updateProduct', () => {
  test('replaces exactly the fields that are given', async () => {
    const product = await makeProduct(db, { images: [{ url: 'https://example.com/1', alt: '' }] });
    const categoryId = await makeCategory(db, 'Chairs');
    const image = { url: 'https://example.com/2', alt: 'two' };
    const input = { id: product.id, name: 'New', categoryId, images: [image] };
    const result = await updateProduct(db, input, product);
    expect(result).toMatchObject({
      product: {
        name: 'New',
        sku: product.sku,
        categoryId,
        category: { id: categoryId, name: 'Chairs' },
        images: [{ ...image, position: 0 }],
      },
    });
    expect(await stored(product.id)).toEqual('product' in result && result.product);
  });

  test('says outdated and changes nothing when the placement changed since it was read', async () => {
    const product = await makeProduct(db);
    const before = await placementOf(product.id);
    await updateProduct(db, { id: product.id, name: 'Renamed' }, before);
    const renamed = await stored(product.id);
    const input = { id: product.id, description: 'late' };
    expect(await updateProduct(db, input, before)).toEqual({ type: 'outdated' });
    expect(await deleteProduct(db, { id: product.id }, before)).toEqual({ type: 'outdated' });
    expect(await stored(product.id)).toEqual(renamed);
  });

  test('refuses a category that does not exist', async () => {
    const product = await makeProduct(db);
    const input = { id: product.id, categoryId: missingId };
    expect(await updateProduct(db, input, product)).toEqual({ type: 'category-missing' });
  });
});

describe('deleteProduct', () => {
  test('answers one version above the last', async () => {
    const { id, ...placement } = await makeProduct(db);
    const conflict = { type: 'version-conflict', currentVersion: 1 };
    expect(await deleteProduct(db, { id, expectedVersion: 2 }, placement)).toEqual(conflict);
    expect(await deleteProduct(db, { id, expectedVersion: 1 }, placement)).toEqual({
      type: 'deleted',
      version: 2,
    });
    expect(await deleteProduct(db, { id }, placement)).toEqual({ type: 'missing' });
    expect(await readPlacement(db, id)).toBeNull();
  });
});

describe('concurrent changes', () => {
  test('of a price each name the very price that they replaced', async () => {
    const { id } = await makeProduct(db, { price: '0.00' });
    const changes = await eachConcurrently(20, (client, index) =>
      updatePrice(client, { id, price: `${index + 1}.00` }),
    );
    const chain = changes
      .filter((change) => change.type === 'updated')
      .toSorted((left, right) => left.product.version - right.product.version);
    expect(chain).toHaveLength(20);
    expect(chain.map(({ product }) => product.version)).toEqual(chain.map((_, index) => index + 2));
    expect(chain.map(({ oldPrice }) => oldPrice)).toEqual([
      '0.00',
      ...chain.slice(0, -1).map(({ product }) => product.price),
    ]);
    const times = chain.map(({ product }) => product.updatedAt);
    expect(times).toEqual(times.toSorted());
  });

  test('never take more from the stock than there is', async () => {
    const { id } = await makeProduct(db, { stock: 7 });
    const changes = await eachConcurrently(20, (client) => adjustStock(client, { id, delta: -1 }));
    expect(changes.filter(({ type }) => type === 'updated')).toHaveLength(7);
    expect(changes.filter(({ type }) => type === 'insufficient')).toHaveLength(13);
    expect(await stored(id)).toMatchObject({ stock: 0, version: 8 });
    const refused = await adjustStock(db, { id, delta: -1 });
    expect(refused).toEqual({ type: 'insufficient', stock: 0 });
  });

  test('of one expected version succeed once', async () => {
    const { id } = await makeProduct(db);
    const changes = await eachConcurrently(20, (client) =>
      updatePrice(client, { id, price: '2.00', expectedVersion: 1 }),
    );
    expect(changes.filter(({ type }) => type === 'updated')).toHaveLength(1);
    const conflict = { type: 'version-conflict', currentVersion: 2 };
    expect(changes.filter(({ type }) => type !== 'updated')).toEqual(
      Array.from({ length: 19 }, () => conflict),
    );
  });

  test('answer with the images of the change they waited for', async () => {
    const product = await makeProduct(db, { images: [{ url: 'https://example.com/1', alt: '' }] });
    const change = await whileAnotherHolds(
      (holder) =>
        updateProduct(
          holder,
          { id: product.id, images: [{ url: 'https://example.com/2', alt: '' }] },
          product,
        ),
      (waiter) => updatePrice(waiter, { id: product.id, price: '3.00' }),
    );
    expect(change).toMatchObject({
      oldPrice: '10.00',
      product: { version: 3, images: [{ url: 'https://example.com/2' }] },
    });
    expect(await stored(product.id)).toEqual('product' in change && change.product);
  });

  test('say outdated when the change they waited for moved the product', async () => {
    const product = await makeProduct(db);
    const rename = (client: HeardClient) =>
      updateProduct(client, { id: product.id, name: 'Elsewhere' }, product);
    expect(await whileAnotherHolds(rename, rename)).toEqual({ type: 'outdated' });
  });

  test('find the product missing when the change they waited for deleted it', async () => {
    const product = await makeProduct(db);
    const change = await whileAnotherHolds(
      (holder) => deleteProduct(holder, { id: product.id }, product),
      (waiter) => updatePrice(waiter, { id: product.id, price: '3.00' }),
    );
    expect(change).toEqual({ type: 'missing' });
  });

  test('of a price and of a too large stock are told apart by exact limits', async () => {
    const { id } = await makeProduct(db, { stock: 2_147_483_646 });
    expect(await adjustStock(db, { id, delta: 1 })).toMatchObject({
      product: { stock: 2_147_483_647 },
    });
    expect(await adjustStock(db, { id, delta: 1 })).toEqual({
      type: 'too-large',
      stock: 2_147_483_647,
    });
  });
});

async function placementOf(id: number) {
  return (await readPlacement(db, id)) ?? { name: '', categoryId: 0 };
}

/** Runs the change on so many connections at once, each in its own transaction. */
async function eachConcurrently<Result>(
  count: number,
  change: (client: HeardClient, index: number) => Promise<Result>,
): Promise<Result[]> {
  const clients = await Promise.all(Array.from({ length: count }, () => catalogue.connect()));
  return await Promise.all(
    clients.map((client, index) => inTransaction(client, () => change(client, index))),
  );
}

/** Commits the holder's change only when the waiter's statement has begun and waits for its lock. */
async function whileAnotherHolds<Result>(
  hold: (holder: HeardClient) => Promise<unknown>,
  wait: (waiter: HeardClient) => Promise<Result>,
): Promise<Result> {
  const holder = await catalogue.connect();
  const { rows } = await other.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  let waiting: Promise<Result> | undefined;
  await inTransaction(holder, async () => {
    await hold(holder);
    waiting = inTransaction(other, wait);
    await vi.waitUntil(async () => {
      const text = `SELECT FROM pg_locks WHERE pid = $1 AND NOT granted`;
      return (await db.query(text, [rows[0]?.pid])).rowCount !== 0;
    });
  });
  if (waiting === undefined) throw new Error('The waiter did not start.');
  return await waiting;
}
