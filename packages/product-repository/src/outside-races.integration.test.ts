import { interceptedStore } from '@throughline/write-through';
import { expect, it } from 'vitest';
import { makeCategory, makeProduct } from './testing/test-catalogue.ts';
import { openTestRepositories, type RepositoryProcess } from './testing/test-repository.ts';
import { told } from './testing/told.ts';

const patience = { timeout: 15_000 };

/** Two products that are cached, and a hand of another program in the database. */
async function openScene() {
  const at = await openTestRepositories();
  const [ours, outside] = [await at.catalogue.connect(), await at.catalogue.connectOutside()];
  const categoryId = await makeCategory(ours);
  const lamp = await makeProduct(ours, { categoryId });
  const desk = await makeProduct(ours, { categoryId });
  await expectHit(at.first, lamp.id);
  await expectHit(at.first, desk.id);
  const waiting = async () => (await outside.query('SELECT FROM write_through_outbox')).rowCount;
  return {
    at,
    ours,
    outside,
    categoryId,
    lamp,
    desk,
    waiting,
    expectDrained: async () => expect.poll(waiting, patience).toBe(0),
    [Symbol.asyncDispose]: async () => at[Symbol.asyncDispose](),
  };
}

async function expectHit({ repository }: RepositoryProcess, id: number): Promise<void> {
  await expect.poll(async () => (await repository.byId(id)).outcome, patience).toBe('hit');
}

function fail(err: unknown): never {
  throw err;
}

it('writes of ours, counted views and what rolls back leave no row in the outbox', async () => {
  await using scene = await openScene();
  const { at, lamp, desk, outside, categoryId } = scene;
  const { repository } = at.first;
  const image = { url: 'https://example.com/1', alt: '' };
  await repository.update({ id: lamp.id, name: 'Ours', images: [image] });
  await repository.updatePrice({ id: lamp.id, price: '2.00' });
  await repository.adjustStock({ id: lamp.id, delta: -1 });
  await repository.createCategory({ name: 'Ours', slug: 'ours' });
  await repository.delete({ id: desk.id });
  await outside.query(`UPDATE products SET view_count = view_count + 7`);
  await outside.query(`BEGIN; UPDATE products SET price = 3; TRUNCATE product_images;
    UPDATE categories SET name = 'No' WHERE id = ${categoryId}; ROLLBACK`);
  expect(await scene.waiting()).toBe(0);
  expect((await told(repository.byId(lamp.id))).value).toMatchObject({ version: 4, name: 'Ours' });
});

it('a product keeps its id, whoever changes it', async () => {
  await using scene = await openScene();
  const moved = scene.outside.query('UPDATE products SET id = id + 100');
  await expect(moved).rejects.toMatchObject({ code: '23000' });
});

it('a deletion of ours that is published late does not win over the product inserted again', async () => {
  await using scene = await openScene();
  const { at, lamp, outside, categoryId } = scene;
  const held = Promise.withResolvers<void>();
  const slow = await at.another({
    store: (store) =>
      interceptedStore(store, async (step, send) => {
        if (step === 'publish') await held.promise;
        return send();
      }),
  });
  for (let turn = 0; turn < 3; turn += 1) {
    await at.first.repository.adjustStock({ id: lamp.id, delta: 1 });
  }
  expect((await slow.repository.delete({ id: lamp.id })).outcome).toBe('deferred');
  await using _ = at.first.repository.drain(fail);
  await outside.query(`INSERT INTO products (id, sku, name, price, category_id)
    VALUES (${lamp.id}, 'again', 'Again', 5, ${categoryId})`);
  await scene.expectDrained();
  held.resolve();
  await expectHit(at.first, lamp.id);
  expect((await told(at.first.repository.byId(lamp.id))).value).toMatchObject({
    name: 'Again',
    version: 6,
  });
});

it('a product created under an id that another program used, or uses, is there and goes on counting', async () => {
  await using scene = await openScene();
  const { at, lamp, outside, categoryId } = scene;
  const { repository } = at.first;
  await using _ = repository.drain(fail);
  const [used, taken] = [lamp.id + 2, lamp.id + 3];
  for (const id of [used, taken]) {
    await outside.query(`INSERT INTO products (id, sku, name, price, category_id)
      VALUES (${id}, 'outside ${id}', 'Outside', 5, ${categoryId})`);
  }
  await outside.query(`DELETE FROM products WHERE id = ${used}`);
  const create = async (sku: string) => repository.create({ ...someInput, sku, categoryId });
  expect((await create('first')).value).toMatchObject({ id: used, version: 3 });
  expect((await create('second')).value).toMatchObject({ id: taken + 1, version: 1 });
  await scene.expectDrained();
  expect((await told(repository.byId(used))).value?.sku).toBe('first');
});

const someInput = { name: 'Ours', description: '', price: '5.00', stock: 0, images: [] };

it('a product that enters a category while that is renamed shows the new name', async () => {
  await using scene = await openScene();
  const { at, outside, categoryId } = scene;
  const another = await at.catalogue.connectOutside();
  await using _ = at.first.repository.drain(fail);
  await outside.query('BEGIN');
  await outside.query(`UPDATE categories SET name = 'Renamed' WHERE id = ${categoryId}`);
  const inserting = another.query(`INSERT INTO products (id, sku, name, price, category_id)
    VALUES (1000, 'entering', 'Entering', 5, ${categoryId})`);
  await expect
    .poll(async () => {
      const { rowCount } = await scene.ours.query('SELECT FROM pg_locks WHERE NOT granted');
      return rowCount;
    }, patience)
    .toBeGreaterThan(0);
  await outside.query('COMMIT');
  await inserting;
  await scene.expectDrained();
  await expectHit(at.first, 1000);
  expect((await told(at.first.repository.byId(1000))).value?.category.name).toBe('Renamed');
});

it('a row that is no product of ours keeps nobody from the others, and is read once it is mended', async () => {
  await using scene = await openScene();
  const { at, lamp, desk, outside } = scene;
  const { repository } = at.first;
  await using _ = repository.drain(fail);
  await outside.query(`UPDATE products SET price = 7, created_at =
    CASE WHEN id = ${lamp.id} THEN 'infinity' ELSE created_at END`);
  await scene.expectDrained();
  expect((await told(repository.byId(desk.id))).value?.price).toBe('7.00');
  await expect(repository.byId(lamp.id)).rejects.toThrow('createdAt');
  await outside.query(`UPDATE products SET created_at = now() WHERE id = ${lamp.id}`);
  await scene.expectDrained();
  expect((await told(repository.byId(lamp.id))).value?.price).toBe('7.00');
});

it('the auditor is silent about rows that wait, and so is a verification', async () => {
  await using scene = await openScene();
  const { at, lamp, desk, outside, ours } = scene;
  const { repository } = at.first;
  await outside.query(`UPDATE products SET price = 7 WHERE id = ${lamp.id}`);
  expect(await repository.cacheAdmin.verify(100)).toMatchObject({
    same: 1,
    different: 0,
    unjudged: 1,
  });
  await ours.query(`UPDATE products SET price = 7, version = 2 WHERE id = ${desk.id}`);
  expect(await repository.cacheAdmin.verify(100)).toMatchObject({
    same: 0,
    different: 1,
    unjudged: 1,
  });
});
