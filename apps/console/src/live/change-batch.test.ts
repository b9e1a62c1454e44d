import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { beforeEach, expect, test } from 'vitest';
import { NewestProducts } from '../service/newest-products.ts';
import { ChangeBatch, type ChangeEvent } from './change-batch.ts';

let queries: QueryClient;
let batch: ChangeBatch;
/** What was asked, by procedure. */
let asked: string[];
/** The answers to what is asked, while they are held back. */
let held: PromiseWithResolvers<void> | undefined;

beforeEach(() => {
  queries = new QueryClient();
  batch = new ChangeBatch(queries, new NewestProducts());
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
  ['that nothing is new', { type: 'caught-up' }, []],
])('%s has asked anew what it concerns', async (_, event, expected) => {
  watchAll();
  await settled();
  asked = [];
  batch.note(event);
  // Events are handled in their order, so that this one ends the wait for the one before.
  batch.note(changed(2, 9));
  await expect.poll(() => asked).toContain('other');
  await settled();
  expect(asked.filter((name) => name !== 'other').sort()).toEqual(expected.toSorted());
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

async function settled(): Promise<void> {
  await expect.poll(() => queries.isFetching()).toBe(0);
}
