import { describe, expect, it } from 'vitest';
import { makeCategory, makeProduct } from './testing/test-catalogue.ts';
import { openTestRepositories } from './testing/test-repository.ts';
import { told } from './testing/told.ts';

/** Two products of one category, in the cache of one process, and a hand in the database. */
async function openStocked() {
  const at = await openTestRepositories();
  const db = await at.catalogue.connect();
  const categoryId = await makeCategory(db);
  const [lamp, desk] = [
    await makeProduct(db, { categoryId }),
    await makeProduct(db, { categoryId }),
  ];
  const { repository } = at.first;
  await repository.byIds({ ids: [lamp.id, desk.id] });
  await expect
    .poll(async () => (await repository.byIds({ ids: [lamp.id, desk.id] })).outcome)
    .toBe('hit');
  return {
    db,
    lamp,
    desk,
    categoryId,
    repository,
    admin: repository.cacheAdmin,
    [Symbol.asyncDispose]: async () => at[Symbol.asyncDispose](),
  };
}

describe('the administration of the cache', () => {
  it('drops the entry of a product, so that a row changed by hand is seen', async () => {
    await using at = await openStocked();
    const { id } = at.lamp;
    await at.db.query("UPDATE products SET name = 'By hand' WHERE id = $1", [id]);
    expect(await at.admin.invalidate({ namespace: 'product', id })).toEqual({
      key: `product:${id}`,
      outcome: 'published',
    });
    expect((await told(at.repository.byId(id))).value?.name).toBe('By hand');
  });

  it('drops every page of a category with its one entry, and the list of categories', async () => {
    await using at = await openStocked();
    const page = { categoryId: at.categoryId, limit: 50 };
    expect((await told(at.repository.byCategory(page))).value.items).toHaveLength(2);
    expect(await at.repository.categories()).toMatchObject({ value: [{ name: 'Lamps' }] });
    await makeProduct(at.db, { categoryId: at.categoryId });
    await at.db.query("UPDATE categories SET name = 'By hand'");
    await at.admin.invalidate({ namespace: 'category', id: at.categoryId });
    await at.admin.invalidate({ namespace: 'categories' });
    expect((await told(at.repository.byCategory(page))).value.items).toHaveLength(3);
    expect(await at.repository.categories()).toMatchObject({ value: [{ name: 'By hand' }] });
  });

  it('shows each kind of entry beside its row', async () => {
    await using at = await openStocked();
    const { id } = at.lamp;
    await at.repository.byCategory({ categoryId: at.categoryId, limit: 50 });
    const product = await at.admin.inspect({ namespace: 'product', id });
    expect(product).toMatchObject({
      key: `product:${id}`,
      entry: { state: 'value', version: 1, value: at.lamp },
      row: at.lamp,
    });
    const category = await at.admin.inspect({ namespace: 'category', id: at.categoryId });
    expect(category.row).toMatchObject({ id: at.categoryId, name: 'Lamps' });
    const categories = await at.admin.inspect({ namespace: 'categories' });
    expect(categories.row).toEqual([category.row]);
    const unknown = await at.admin.inspect({ namespace: 'product', id: 999 });
    expect(unknown).toMatchObject({ entry: { state: 'absent' }, row: null });
  });

  it('finds every entry that differs from its row, deleted products included', async () => {
    await using at = await openStocked();
    expect(await at.admin.verify(1_000)).toEqual({
      sample: 2,
      same: 2,
      different: 0,
      absent: 0,
      unjudged: 0,
      differences: [],
    });
    const another = await makeProduct(at.db, { categoryId: at.categoryId });
    await at.db.query('UPDATE products SET version = 2 WHERE id = $1', [at.lamp.id]);
    await at.db.query('DELETE FROM products WHERE id = $1', [at.desk.id]);
    const found = await at.admin.verify(1_000);
    expect(found).toMatchObject({ sample: 3, same: 0, different: 2, absent: 1, unjudged: 0 });
    expect(found.differences.toSorted((a, b) => a.key.localeCompare(b.key))).toEqual([
      { key: `product:${at.lamp.id}`, verdict: 'stale', cachedVersion: 1, storedVersion: 2 },
      { key: `product:${at.desk.id}`, verdict: 'stale', cachedVersion: 1, storedVersion: null },
    ]);
    expect(another.id).toBeGreaterThan(at.desk.id);
  });

  it('warms the most viewed products and tells after each page how far it is', async () => {
    await using at = await openStocked();
    await at.admin.reset();
    const steps = await Array.fromAsync(at.admin.warm(10));
    expect(steps).toEqual([
      { loaded: 0, total: 2 },
      { loaded: 2, total: 2 },
    ]);
    await expect.poll(async () => (await at.admin.verify(10)).same).toBe(2);
  });

  it('warms for one after the other, and for the next when one is given up', async () => {
    await using at = await openStocked();
    const [first, second, third] = [1, 2, 3].map(() => at.admin.warm(10)[Symbol.asyncIterator]());
    const order: string[] = [];
    await first?.next();
    const given = second?.next().then(() => order.push('second begins'));
    const last = third?.next().then(() => order.push('third begins'));
    order.push('first is given up');
    await first?.return?.();
    await given;
    order.push('second is given up');
    await second?.return?.();
    await last;
    expect(order).toEqual([
      'first is given up',
      'second begins',
      'second is given up',
      'third begins',
    ]);
  });

  it('begins an epoch that holds nothing of the one before', async () => {
    await using at = await openStocked();
    const { epoch } = await at.admin.reset();
    expect(await at.admin.inspect({ namespace: 'product', id: at.lamp.id })).toMatchObject({
      epoch,
      entry: { state: 'absent' },
    });
  });
});
