import type { HeardClient } from '@throughline/write-through/postgres';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  makeCategory,
  makeProduct,
  openTestCatalogue,
  type TestCatalogue,
} from '../testing/test-catalogue.ts';
import { addViews } from './add-views.ts';
import { selectCategories } from './categories.ts';
import {
  categoryPositionSchema,
  selectCategoryPage,
  type CategoryPosition,
} from './select-category-page.ts';
import { selectPopularIds } from './select-popular-ids.ts';
import { countProducts, selectPopularPage } from './select-popular-page.ts';
import { selectProducts } from './select-products.ts';
import {
  searchPositionSchema,
  selectSearchPage,
  type SearchPosition,
} from './select-search-page.ts';
import { updateProduct } from './update-product.ts';

let catalogue: TestCatalogue;
let db: HeardClient;

beforeAll(async () => {
  catalogue = await openTestCatalogue();
  db = await catalogue.connect();
});
afterAll(() => catalogue[Symbol.asyncDispose]());

describe('a category', () => {
  test('read page by page gives the whole order, each product once', async () => {
    const categoryId = await makeCategory(db);
    // Few names, many products: the id has to decide, also at the edge of a page.
    const names = ['iPad', 'Zebra', 'apple', 'Öl', 'Ol', 'iPad', 'Ä', "O'Neil", 'iPad', '日本'];
    for (let index = 0; index < 60; index += 1) {
      await makeProduct(db, { categoryId, name: names[index % names.length] ?? '' });
    }
    const { rows } = await db.query<{ id: number }>(
      'SELECT id FROM products WHERE category_id = $1 ORDER BY name, id',
      [categoryId],
    );
    for (const limit of [1, 7, 30, 59, 60, 200]) {
      const pages = await allCategoryPages(categoryId, limit);
      expect(pages).toEqual(rows.map((row) => row.id));
    }
  });

  test('is ordered as people expect, whatever the case and the accents', async () => {
    const categoryId = await makeCategory(db);
    for (const name of ['Zebra', 'Öl', 'apple', 'iPad', 'Om', 'Ol']) {
      await makeProduct(db, { categoryId, name });
    }
    const { ids } = await selectCategoryPage(db, { categoryId, limit: 10 });
    const products = await selectProducts(db, ids);
    expect(ids.map((id) => products.get(id)?.name)).toEqual([
      'apple',
      'iPad',
      'Ol',
      'Öl',
      'Om',
      'Zebra',
    ]);
  });

  test('without products is an empty page', async () => {
    const categoryId = await makeCategory(db);
    const page = await selectCategoryPage(db, { categoryId, limit: 5 });
    expect(page).toEqual({ ids: [], nextAfter: null });
  });

  test('is never asked for a page after a name that PostgreSQL cannot hold', () => {
    for (const name of ['\0', '\ud800']) {
      expect(categoryPositionSchema.safeParse({ name, id: 1 }).success).toBe(false);
    }
  });

  test('is listed by name', async () => {
    const id = await makeCategory(db, 'aaa first');
    expect((await selectCategories(db))[0]).toMatchObject({ id, name: 'aaa first' });
  });
});

describe('a search', () => {
  test('matches the last word as a prefix at every letter of it', async () => {
    const { id } = await makeProduct(db, { name: 'Quokka running vest' });
    for (let length = 1; length <= 'running'.length; length += 1) {
      expect(await find(`quokka ${'running'.slice(0, length)}`)).toEqual([id]);
    }
  });

  test('wants every word, in any inflection and order, and puts the name first', async () => {
    const described = await makeProduct(db, { name: 'Plain', description: 'for wombat burrows' });
    const named = await makeProduct(db, { name: 'Wombat burrow' });
    expect(await find('burrow wombats')).toEqual([named.id, described.id]);
    expect(await find('burrows wombat')).toEqual([named.id, described.id]);
    expect(await find('the wombat')).toEqual([named.id, described.id]);
    expect(await find('wombat zeppelin')).toEqual([]);
  });

  test('finds a product by its SKU and by the beginning of it', async () => {
    const { id } = await makeProduct(db, { sku: 'NUMBAT-00042' });
    expect(await find('NUMBAT-00042')).toEqual([id]);
    expect(await find('numbat-000')).toEqual([id]);
  });

  test('follows a change of the text', async () => {
    const product = await makeProduct(db, { name: 'Bilby' });
    await updateProduct(db, { id: product.id, name: 'Dunnart' }, product);
    expect(await find('bilby')).toEqual([]);
    expect(await find('dunnart')).toEqual([product.id]);
  });

  test('read page by page gives the whole order, each product once', async () => {
    for (let index = 0; index < 40; index += 1) {
      await makeProduct(db, {
        name: 'Potoroo'.repeat(index % 2) || 'Other',
        description: 'potoroo '.repeat((index % 5) + 1),
      });
    }
    const whole = await find('potoroo');
    expect(whole).toHaveLength(40);
    for (const limit of [1, 7, 39, 40]) {
      expect(await allSearchPages('potoroo', limit)).toEqual(whole);
    }
  });

  test('of anything a user may type is an answer and never an error', async () => {
    const typed = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 100 }),
      fc.string({ unit: fc.constantFrom(...Array.from("'\\:*&|!()<->% a1")), maxLength: 100 }),
    );
    await fc.assert(
      fc.asyncProperty(
        typed.filter((query) => query.isWellFormed() && !query.includes('\0')),
        async (query) => {
          expect(await find(query)).toEqual(expect.any(Array));
        },
      ),
      { examples: [["'"], ['\\'], [':*'], ['a & | b'], ["foo\\':*"]], numRuns: 500 },
    );
  });

  test('without a word in it finds nothing', async () => {
    for (const query of ['!!!', ' ', '&', "''"]) expect(await find(query)).toEqual([]);
  });
});

describe('views', () => {
  test('order the popular products and leave version and time of change alone', async () => {
    const [first, second, third] = [
      await makeProduct(db),
      await makeProduct(db),
      await makeProduct(db),
    ];
    const views = new Map([
      [second.id, 5_000],
      [2_000_000_000, 1],
      [first.id, 4_000],
      [third.id, 4_000],
    ]);
    await addViews(db, views);
    expect(await selectPopularIds(db, 3)).toEqual([second.id, first.id, third.id]);
    expect((await selectProducts(db, [second.id])).get(second.id)).toEqual(second);
  });

  test('read page by page give the whole order of the popular products, each once', async () => {
    const ids: number[] = [];
    for (let index = 0; index < 23; index += 1) ids.push((await makeProduct(db)).id);
    // Few counts, many products: the id has to decide, also at the edge of a page.
    await addViews(db, new Map(ids.map((id, index) => [id, 10_000 + (index % 3)])));
    const total = await countProducts(db, 1_000_000);
    expect(await countProducts(db, 5)).toBe(5);
    const whole = await selectPopularIds(db, total);
    for (const limit of [1, 4, total, total + 1]) {
      const paged: number[] = [];
      let page = await selectPopularPage(db, undefined, limit);
      while (page.length > 0) {
        paged.push(...page.map(({ id }) => id));
        page = await selectPopularPage(db, page.at(-1), limit);
      }
      expect(paged).toEqual(whole);
    }
  });

  test('added by many processes at once neither deadlock nor get lost', async () => {
    const ids: number[] = [];
    for (let index = 0; index < 30; index += 1) ids.push((await makeProduct(db)).id);
    const clients = await Promise.all(Array.from({ length: 8 }, () => catalogue.connect()));
    await Promise.all(
      clients.map(async (client, index) => {
        const order = index % 2 === 0 ? ids : ids.toReversed();
        for (let round = 0; round < 10; round += 1) {
          await addViews(client, new Map(order.map((id) => [id, 1])));
        }
      }),
    );
    const { rows } = await db.query('SELECT DISTINCT view_count FROM products WHERE id = ANY($1)', [
      ids,
    ]);
    expect(rows).toEqual([{ view_count: '80' }]);
  });
});

async function find(query: string): Promise<number[]> {
  return (await selectSearchPage(db, { query, limit: 100 })).ids;
}

async function allCategoryPages(categoryId: number, limit: number): Promise<number[]> {
  const ids: number[] = [];
  let after: CategoryPosition | null | undefined;
  while (after !== null) {
    const page = await selectCategoryPage(db, { categoryId, limit, after });
    ids.push(...page.ids);
    after = page.nextAfter;
  }
  return ids;
}

async function allSearchPages(query: string, limit: number): Promise<number[]> {
  const ids: number[] = [];
  let after: SearchPosition | null | undefined;
  while (after !== null) {
    const page = await selectSearchPage(db, { query, limit, after });
    ids.push(...page.ids);
    // What a cursor would make of the position.
    after =
      page.nextAfter === null
        ? null
        : searchPositionSchema.parse(JSON.parse(JSON.stringify(page.nextAfter)));
  }
  return ids;
}
