import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Product } from './product.ts';
import { selectCategories, selectCategoryPage, selectProducts } from './statements/index.ts';
import { makeCategory, makeProduct } from './testing/test-catalogue.ts';
import { openTestRepositories, type TestRepositories } from './testing/test-repository.ts';
import { told } from './testing/told.ts';

const patience = { timeout: 15_000 };

/** What a kind of change finds: two products and a free id, all of them cached, in two cached categories. */
interface Scene {
  readonly lamp: Product;
  readonly desk: Product;
  /** Of an image of the lamp. */
  readonly imageId: number;
  /** Known to be absent. */
  readonly freeId: number;
  readonly categoryId: number;
  readonly emptyId: number;
}

interface Kind {
  readonly name: string;
  readonly change: (scene: Scene) => string;
  /** What the versions of lamp and desk must be afterwards; null: it is gone. */
  readonly versions?: readonly [number | null, number | null];
}

const columns = 'id, sku, name, price, category_id';

const kinds: readonly Kind[] = [
  {
    name: 'a price, with whatever version the other program sets',
    change: ({ lamp }) => `UPDATE products SET price = 11, version = 1 WHERE id = ${lamp.id}`,
    versions: [2, 1],
  },
  {
    name: 'a product several times in one transaction',
    change: ({ lamp: { id } }) => `BEGIN; UPDATE products SET price = 11 WHERE id = ${id};
      UPDATE products SET stock = 4, version = 90 WHERE id = ${id};
      UPDATE products SET name = 'Thrice' WHERE id = ${id}; COMMIT`,
    versions: [4, 1],
  },
  {
    name: 'a product back and forth, so that only its version tells',
    change: ({ lamp: { id } }) => `UPDATE products SET stock = stock + 1 WHERE id = ${id};
      UPDATE products SET stock = stock - 1 WHERE id = ${id}`,
    versions: [3, 1],
  },
  {
    name: 'an image that is added',
    change: ({ lamp }) =>
      `INSERT INTO product_images (product_id, url, position) VALUES (${lamp.id}, 'https://new', 1)`,
    versions: [2, 1],
  },
  {
    name: 'an image',
    change: ({ imageId }) => `UPDATE product_images SET alt = 'other' WHERE id = ${imageId}`,
    versions: [2, 1],
  },
  {
    name: 'an image that goes to another product',
    change: ({ imageId, desk }) =>
      `UPDATE product_images SET product_id = ${desk.id} WHERE id = ${imageId}`,
    versions: [2, 2],
  },
  {
    name: 'an image that is deleted',
    change: ({ imageId }) => `DELETE FROM product_images WHERE id = ${imageId}`,
    versions: [2, 1],
  },
  {
    name: 'the name of a category',
    change: ({ categoryId }) => `UPDATE categories SET name = 'Renamed' WHERE id = ${categoryId}`,
    versions: [2, 2],
  },
  {
    name: 'the name of a category, with one snapshot for the transaction',
    change: ({ categoryId }) => `BEGIN ISOLATION LEVEL REPEATABLE READ;
      UPDATE categories SET name = 'Renamed' WHERE id = ${categoryId}; COMMIT`,
    versions: [2, 2],
  },
  {
    name: 'a category that is added',
    change: ({ freeId }) =>
      `INSERT INTO categories (name, slug) VALUES ('Added', 'added-${freeId}')`,
    versions: [1, 1],
  },
  {
    name: 'a category that is deleted',
    change: ({ emptyId }) => `DELETE FROM categories WHERE id = ${emptyId}`,
    versions: [1, 1],
  },
  {
    name: 'the name of a product',
    change: ({ lamp }) => `UPDATE products SET name = 'A first name' WHERE id = ${lamp.id}`,
    versions: [2, 1],
  },
  {
    name: 'the category of a product',
    change: ({ lamp, emptyId }) =>
      `UPDATE products SET category_id = ${emptyId} WHERE id = ${lamp.id}`,
    versions: [2, 1],
  },
  {
    name: 'a product that is deleted, with its images',
    change: ({ lamp }) => `DELETE FROM products WHERE id = ${lamp.id}`,
    versions: [null, 1],
  },
  {
    name: 'a product that is deleted and inserted again under its id',
    change: ({ lamp: { id, sku }, categoryId }) => `DELETE FROM products WHERE id = ${id};
      INSERT INTO products (${columns}) VALUES (${id}, '${sku}', 'Again', 5, ${categoryId})`,
    versions: [3, 1],
  },
  {
    name: 'a product that was known to be absent',
    change: ({ freeId, categoryId }) =>
      `INSERT INTO products (${columns}) VALUES (${freeId}, 'I${freeId}', 'New', 5, ${categoryId})`,
  },
  {
    name: 'products that COPY brings',
    change: ({ freeId, categoryId }) => `COPY products (${columns}) FROM PROGRAM
      'echo "${freeId},C${freeId},Copied,5,${categoryId}"' WITH (FORMAT csv)`,
  },
  {
    name: 'products that are inserted or updated',
    change: ({ lamp, freeId, categoryId }) => `INSERT INTO products (${columns})
      VALUES (${lamp.id}, 'x', 'Upserted', 5, ${categoryId}),
             (${freeId}, 'U${freeId}', 'Inserted', 5, ${categoryId})
      ON CONFLICT (id) DO UPDATE SET name = excluded.name`,
    versions: [2, 1],
  },
  {
    name: 'products that are merged',
    change: ({ lamp, desk, freeId, categoryId }) => `MERGE INTO products USING (
        VALUES (${lamp.id}, false), (${desk.id}, true), (${freeId}, false)) AS input (id, is_gone)
      ON products.id = input.id
      WHEN MATCHED AND input.is_gone THEN DELETE
      WHEN MATCHED THEN UPDATE SET price = 12
      WHEN NOT MATCHED THEN INSERT (${columns})
        VALUES (input.id, 'M' || input.id, 'Merged', 5, ${categoryId})`,
    versions: [2, null],
  },
  { name: 'all images at once', change: () => 'TRUNCATE product_images', versions: [1, 1] },
  { name: 'everything', change: () => 'TRUNCATE categories CASCADE', versions: [null, null] },
];

describe('what another program changes while processes drain', () => {
  const opened = new AsyncDisposableStack();
  let programs: Programs;
  beforeAll(async () => {
    programs = await openPrograms(opened);
    const { at } = programs;
    for (const { repository } of [at.first, await at.another()]) {
      opened.use(repository.drain(fail));
    }
  });
  afterAll(async () => opened.disposeAsync());

  it.each(kinds)(
    'is what readers get once the outbox is empty: $name',
    async ({ change, versions = [1, 1] }) => {
      const { at, ours, outside } = programs;
      const scene = await setScene(programs);
      await outside.query(change(scene));
      await expect
        .poll(
          async () => (await outside.query('SELECT FROM write_through_outbox')).rowCount,
          patience,
        )
        .toBe(0);
      // Where the epoch has to end, a trust lease comes on top.
      const expected = await stored(ours, scene);
      await expect.poll(async () => answered(at, scene), patience).toEqual(expected);
      const { lamp, desk } = expected;
      expect([lamp?.version ?? null, desk?.version ?? null]).toEqual(versions);
    },
  );
});

describe('what another program changes while nobody drains', () => {
  const opened = new AsyncDisposableStack();
  let programs: Programs;
  beforeAll(async () => {
    programs = await openPrograms(opened);
  });
  afterAll(async () => opened.disposeAsync());

  it.each(kinds)('is not what readers get: $name', async ({ change }) => {
    const { at, ours, outside } = programs;
    const scene = await setScene(programs);
    await outside.query(change(scene));
    expect(await answered(at, scene)).not.toEqual(await stored(ours, scene));
  });
});

/** The service, a hand of ours in its database, and another program. */
interface Programs {
  readonly at: TestRepositories;
  readonly ours: Client;
  readonly outside: Client;
}

async function openPrograms(opened: AsyncDisposableStack): Promise<Programs> {
  const at = opened.use(await openTestRepositories());
  const ours = await at.catalogue.connect();
  return { at, ours, outside: await at.catalogue.connectOutside() };
}

function fail(err: unknown): never {
  throw err;
}

async function setScene({ at, ours }: Programs): Promise<Scene> {
  const [categoryId, emptyId] = [await makeCategory(ours), await makeCategory(ours)];
  const images = [{ url: 'https://example.com/1', alt: '' }];
  const lamp = await makeProduct(ours, { categoryId, images });
  const desk = await makeProduct(ours, { categoryId });
  const freeId = desk.id + 1_000_000;
  const imageId = lamp.images[0]?.id ?? 0;
  const scene = { lamp, desk, imageId, freeId, categoryId, emptyId };
  // Made past the cache by a hand of ours, so what is cached of the whole is dropped by hand.
  await at.first.repository.cacheAdmin.invalidate({ namespace: 'categories' });
  await expect.poll(async () => answered(at, scene), patience).toEqual(await stored(ours, scene));
  const { repository } = at.first;
  await expect
    .poll(
      async () => [
        (await repository.byIds({ ids: [lamp.id, desk.id, freeId] })).outcome,
        (await repository.byCategory({ categoryId, limit: 50 })).outcome,
        (await repository.categories()).outcome,
      ],
      patience,
    )
    .toEqual(['negative', 'hit', 'hit']);
  return scene;
}

/** What readers get. */
async function answered({ first: { repository } }: TestRepositories, scene: Scene) {
  const { lamp, desk, freeId, categoryId, emptyId } = scene;
  const { value } = await told(repository.byIds({ ids: [lamp.id, desk.id, freeId] }));
  const page = async (id: number) => {
    try {
      const { items } = (await told(repository.byCategory({ categoryId: id, limit: 50 }))).value;
      return items.map((product) => product.id);
    } catch {
      return null;
    }
  };
  return {
    lamp: value[0],
    desk: value[1],
    free: value[2],
    page: await page(categoryId),
    empty: await page(emptyId),
    categories: (await repository.categories()).value,
  };
}

/** What the database holds. */
async function stored(db: Client, { lamp, desk, freeId, categoryId, emptyId }: Scene) {
  const products = await selectProducts(db, [lamp.id, desk.id, freeId]);
  const categories = await selectCategories(db);
  const page = async (id: number) =>
    categories.some((category) => category.id === id)
      ? (await selectCategoryPage(db, { categoryId: id, limit: 50 })).ids
      : null;
  return {
    lamp: products.get(lamp.id) ?? null,
    desk: products.get(desk.id) ?? null,
    free: products.get(freeId) ?? null,
    page: await page(categoryId),
    empty: await page(emptyId),
    categories,
  };
}
