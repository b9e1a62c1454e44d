import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { beforeEach, expect, test } from 'vitest';
import { NewestProducts } from '../service/newest-products.ts';
import { ChangeBatch, type ChangeEvent } from './change-batch.ts';

let queries: QueryClient;
let newest: NewestProducts;
let batch: ChangeBatch;
/** What was asked, by procedure. */
let asked: string[];
/** The answers to what is asked, while they are held back. */
let held: PromiseWithResolvers<void> | undefined;

beforeEach(() => {
  queries = new QueryClient();
  newest = new NewestProducts();
  batch = new ChangeBatch(queries, newest);
  asked = [];
  held = undefined;
  return () => queries.clear();
});

test.each<[string, ChangeEvent, string[]]>([
  ['a newer version', changed(1, 2), ['byId', 'byCategory']],
  ['a version that is on the screen already', changed(1, 1), []],
  ['a product that is not on the screen', changed(7, 4), []],
  ['a new product', changed(7, 1), ['byCategory']],
  ['a product that moved', { ...changed(7, 4), previousCategoryId: 2 }, ['byCategory']],
  ['a deletion', { ...changed(1, 2), type: 'deleted' }, ['byId', 'byCategory']],
  ['what may have changed everything', { type: 'all-changed' }, ['byId', 'byCategory', 'list']],
  ['that still nothing is missing', { type: 'caught-up' }, []],
])('%s has asked anew what it concerns', async (_, event, expected) => {
  watchAll();
  await settled();
  batch.note({ type: 'caught-up' });
  await settled();
  asked = [];
  batch.note(event);
  await othersAsked();
  await settled();
  expect(asked.filter((name) => name !== 'other').sort()).toEqual(expected.toSorted());
});

test.each<[string, string[], unknown]>([
  ['of the product', ['product', 'byId'], { id: 1, version: 1 }],
  ['of a list with it', ['product', 'popular'], [{ id: 1, version: 1 }]],
])(
  'an answer %s that was on its way when the product changed is asked for again',
  async (_, ...query) => {
    watch(['product', 'popular', 'apart'], 'other', [{ id: 2, version: 1 }]);
    await settled();
    held = Promise.withResolvers();
    const { resolve } = held;
    watch(query[0], 'late', query[1]);
    held = undefined;
    batch.note(changed(1, 2));
    await othersAsked();
    expect(asked.filter((name) => name === 'late')).toHaveLength(1);
    resolve();
    await expect.poll(() => asked.filter((name) => name === 'late')).toHaveLength(2);
  },
);

test.each<[string, () => void]>([
  ['a subscription has begun', () => batch.note({ type: 'caught-up' })],
  ['everything may have changed', () => batch.note({ type: 'all-changed' })],
])('once %s all is asked again, also what was on its way', async (_, tell) => {
  watch(['product', 'byId'], 'early', { id: 1, version: 1 });
  await settled();
  held = Promise.withResolvers();
  const { resolve } = held;
  watch(['product', 'byCategory'], 'late', { items: [], nextCursor: null });
  held = undefined;
  tell();
  resolve();
  await expect.poll(() => asked.toSorted()).toEqual(['early', 'early', 'late', 'late']);
});

test('after the end of a subscription versions may begin anew, and all is asked again at once and when the next begins', async () => {
  watch(['product', 'byId'], 'byId', { id: 1, version: 1 });
  await settled();
  newest.share(undefined, { sku: 'A', id: 1, version: 9 });
  batch.note({ type: 'caught-up' });
  await settled();
  batch.noteEnd();
  await settled();
  batch.note({ type: 'caught-up' });
  await settled();
  expect(asked).toHaveLength(4);
  const restored = { sku: 'A', id: 1, version: 3 };
  expect(newest.share(undefined, restored)).toBe(restored);
});

test('however many changes come, no more is asked than is answered', async () => {
  watchAll();
  await settled();
  asked = [];
  held = Promise.withResolvers();
  for (let version = 2; version < 500; version += 1) batch.note(changed(1, version));
  await expect.poll(() => asked.length).toBe(2);
  for (let version = 500; version < 1_000; version += 1) batch.note(changed(1, version));
  held.resolve();
  held = undefined;
  await expect.poll(() => asked.length).toBe(4);
  await settled();
  expect(asked.toSorted()).toEqual(['byCategory', 'byCategory', 'byId', 'byId']);
});

function changed(id: number, version: number) {
  return { type: 'changed', id, version, categoryId: 1 } as const;
}

/** A product page, a list with it, the page of another product, and what is no product. */
function watchAll(): void {
  watch(['product', 'byId'], 'byId', { id: 1, version: 1 });
  watch(['product', 'byCategory'], 'byCategory', {
    items: [{ id: 1, version: 1 }],
    nextCursor: null,
  });
  watch(['product', 'popular'], 'other', [{ id: 2, version: 1 }]);
  watch(['category', 'list'], 'list', [{ id: 1, name: 'Lamps' }]);
}

function watch(path: string[], name: string, answer: unknown): void {
  const observer = new QueryObserver(queries, {
    queryKey: [path, { type: 'query' }],
    queryFn: async () => {
      asked.push(name);
      await held?.promise;
      return answer;
    },
    staleTime: Infinity,
  });
  observer.subscribe(() => {});
}

/** Events are handled in their order, so that this one ends the wait for those before. */
async function othersAsked(): Promise<void> {
  asked = asked.filter((name) => name !== 'other');
  batch.note(changed(2, 9));
  await expect.poll(() => asked).toContain('other');
}

async function settled(): Promise<void> {
  await expect.poll(() => queries.isFetching()).toBe(0);
}
