import { systemAmbient } from '@throughline/write-through';
import type { HeardClient } from '@throughline/write-through/postgres';
import { expect, onTestFinished, test } from 'vitest';
import type { PlacedEvent } from './change-events.ts';
import { PostgresChangeLog } from './change-log.ts';
import type { FollowChanges, ProductEvent } from './product-change.ts';
import { makeCategory, makeProduct } from './testing/test-catalogue.ts';
import { openTestRepositories, type RepositoryProcess } from './testing/test-repository.ts';
import { told as answered } from './testing/told.ts';

const going = new AbortController().signal;

/** What a follower was told so far. */
class Told {
  readonly events: PlacedEvent[] = [];
  readonly ended: Promise<void>;
  readonly #leaving = new AbortController();

  private constructor(events: (signal: AbortSignal) => Promise<AsyncIterable<PlacedEvent>>) {
    this.ended = this.#hear(events).catch((err: unknown) => {
      if (!(err instanceof Error && err.name === 'AbortError')) throw err;
    });
  }

  /** Resolves once it is told of everything from then on. */
  static async by(process: RepositoryProcess, input: FollowChanges = {}): Promise<Told> {
    const begun = Promise.withResolvers<void>();
    const told = new Told(async (signal) => {
      const events = await process.repository.changes(input, signal);
      begun.resolve();
      return events;
    });
    told.ended.catch((err: unknown) => begun.reject(err));
    await begun.promise;
    onTestFinished(async () => told.leave());
    return told;
  }

  async leave(): Promise<void> {
    this.#leaving.abort();
    await this.ended;
  }

  get products(): ProductEvent[] {
    return this.events.flatMap(({ event }) => ('id' in event ? [event] : []));
  }

  /** Where it would go on. */
  get lastEventId(): string | undefined {
    return this.events.at(-1)?.id;
  }

  async #hear(follow: (signal: AbortSignal) => Promise<AsyncIterable<PlacedEvent>>) {
    for await (const event of await follow(this.#leaving.signal)) this.events.push(event);
  }
}

test('each kind of change is told, with the version that it gave the product, and nothing else is', async () => {
  await using at = await openTestRepositories();
  const { first, catalogue } = at;
  const { repository } = first;
  const [ours, outside] = [await catalogue.connect(), await catalogue.connectOutside()];
  const [lamps, desks] = [await makeCategory(ours), await makeCategory(ours)];
  await using _ = repository.drain(fail);
  const told = await Told.by(first);

  const { value: product } = await repository.create({
    sku: 'NEW',
    name: 'New',
    description: '',
    price: '1.00',
    stock: 1,
    images: [],
    categoryId: lamps,
  });
  const { id } = product;
  await repository.updatePrice({ id, price: '1.00' });
  await repository.update({ id, categoryId: desks });
  await outside.query(`UPDATE products SET view_count = view_count + 1 WHERE id = ${id}`);
  await outside.query(`BEGIN; UPDATE products SET price = 7 WHERE id = ${id}; ROLLBACK`);
  await outside.query(`UPDATE products SET stock = 3 WHERE id = ${id}`);
  await outside.query(
    `INSERT INTO product_images (product_id, url, position) VALUES (${id}, 'https://a', 0)`,
  );
  await outside.query(`UPDATE categories SET name = 'Renamed' WHERE id = ${desks}`);
  await repository.delete({ id });
  await outside.query(
    `INSERT INTO products (id, sku, name, price, category_id) VALUES (${id}, 'X', 'X', 1, ${lamps})`,
  );
  await outside.query(`DELETE FROM products WHERE id = ${id}`);
  await outside.query('TRUNCATE products CASCADE');

  await expect.poll(() => told.events.at(-1)?.event.type).toBe('all-changed');
  const names = new Map([
    [lamps, 'lamps'],
    [desks, 'desks'],
  ]);
  expect(
    told.products.map(({ type, version, categoryId, previousCategoryId: left }) => {
      const row = [type, version, names.get(categoryId)];
      return left === undefined ? row : row.concat(`from ${names.get(left)}`);
    }),
  ).toEqual([
    ['changed', 1, 'lamps'],
    ['changed', 2, 'lamps'],
    ['changed', 3, 'desks', 'from lamps'],
    ['changed', 4, 'desks'],
    ['changed', 5, 'desks'],
    ['changed', 6, 'desks'],
    ['deleted', 7, 'desks'],
    ['changed', 8, 'lamps'],
    ['deleted', 9, 'lamps'],
  ]);
});

test('who follows products or a category is told of these, and of what leaves the category', async () => {
  await using at = await openTestRepositories();
  const ours = await at.catalogue.connect();
  const [lamps, desks] = [await makeCategory(ours), await makeCategory(ours)];
  const lamp = await makeProduct(ours, { categoryId: lamps });
  const desk = await makeProduct(ours, { categoryId: desks });
  const { repository } = at.first;
  const [byId, byCategory, all] = [
    await Told.by(at.first, { ids: [desk.id] }),
    await Told.by(at.first, { categoryId: lamps }),
    await Told.by(at.first),
  ];
  await repository.adjustStock({ id: lamp.id, delta: 1 });
  await repository.adjustStock({ id: desk.id, delta: 1 });
  await repository.update({ id: lamp.id, categoryId: desks });
  await repository.adjustStock({ id: lamp.id, delta: 1 });
  await expect.poll(() => all.products.filter(({ version }) => version > 1).length).toBe(4);
  const seen = (told: Told) =>
    told.products.filter(({ version }) => version > 1).map(({ id, version }) => [id, version]);
  expect(seen(byId)).toEqual([[desk.id, 2]]);
  expect(seen(byCategory)).toEqual([
    [lamp.id, 2],
    [lamp.id, 3],
  ]);
});

test('under concurrent writers in and past the service, whoever follows, leaves and comes back is told every version of every product once and in order', async () => {
  await using at = await openTestRepositories();
  const { catalogue, first } = at;
  const second = await at.another();
  await using drain = first.repository.drain(fail);
  const ours = await catalogue.connect();
  const categoryId = await makeCategory(ours);
  const [steady, restless] = [await Told.by(first), await Told.by(second)];
  const ids: number[] = [];
  for (let made = 0; made < 6; made += 1) ids.push((await makeProduct(ours, { categoryId })).id);
  const parts = [restless];
  const writing = new AbortController();

  const writers = [
    ...[first, second, first, second].map(async (process, index) => {
      for (let turn = index; !writing.signal.aborted; turn += 1) {
        await change(process, ids[turn % ids.length] ?? 0, turn);
      }
    }),
    ...(await Promise.all([1, 2, 3].map(async () => catalogue.connectOutside()))).map(
      async (client, index) => {
        for (let turn = index; !writing.signal.aborted; turn += 1) {
          await changeFromOutside(client, { ids, turn });
        }
      },
    ),
  ];
  for (let stay = 0; stay < 12; stay += 1) {
    const told = parts.at(-1) ?? restless;
    const before = told.events.length;
    await expect.poll(() => told.events.length, { timeout: 15_000 }).toBeGreaterThan(before + 20);
    await told.leave();
    const process = stay % 2 === 0 ? first : second;
    parts.push(await Told.by(process, { lastEventId: told.lastEventId }));
  }
  writing.abort();
  await Promise.all(writers);

  const { rows } = await ours.query(
    `SELECT id, version, 'changed' AS type FROM products WHERE id = ANY($1)
      UNION ALL
     SELECT id, version, 'deleted' FROM deleted_products AS gone
      WHERE id = ANY($1) AND NOT EXISTS (SELECT FROM products WHERE products.id = gone.id)`,
    [ids],
  );
  const last = new Map(rows.map(({ id, version, type }) => [id, [type, version]]));
  const all = (events: readonly ProductEvent[]) =>
    new Map(ids.map((id) => [id, events.filter((event) => event.id === id)]));
  const restlessEvents = () => parts.flatMap(({ products }) => products);
  for (const events of [() => steady.products, restlessEvents]) {
    for (const id of ids) {
      await expect
        .poll(() => {
          const latest = all(events()).get(id)?.at(-1);
          return [latest?.type, latest?.version];
        })
        .toEqual(last.get(id));
      const versions = all(events())
        .get(id)
        ?.map(({ version }) => version);
      expect(versions).toEqual(versions?.map((_, index) => index + 1));
    }
  }
  expect(drain.state).toBeDefined();
  expect(steady.products.length).toBeGreaterThan(300);
  const numbers = steady.events.filter(({ event }) => 'id' in event).map(({ id }) => Number(id));
  expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
});

test('a change made past the service is told once nobody is answered from before it, and what came after it then, too', async () => {
  await using at = await openTestRepositories();
  const [ours, outside] = [await at.catalogue.connect(), await at.catalogue.connectOutside()];
  const [lamp, desk] = [await makeProduct(ours), await makeProduct(ours)];
  const { repository, control } = at.first;
  const log = new PostgresChangeLog(control);
  const before = await log.advance();
  await outside.query(`UPDATE products SET price = 7 WHERE id = ${lamp.id}`);
  await repository.adjustStock({ id: desk.id, delta: 1 });
  expect(await log.advance()).toBe(before);
  await using _ = repository.drain(fail);
  await expect.poll(async () => log.advance()).toBe(before + 2);
  expect((await answered(repository.byId(lamp.id))).value).toMatchObject({
    version: 2,
    price: '7.00',
  });
});

test.each(['product', 'category'])(
  'a product moved past the service is told of only when no %s is answered from before that',
  async (waiting) => {
    await using at = await openTestRepositories();
    const [ours, outside] = [await at.catalogue.connect(), await at.catalogue.connectOutside()];
    const { id } = await makeProduct(ours);
    const categoryId = await makeCategory(ours);
    const log = new PostgresChangeLog(at.first.control);
    const before = await log.advance();
    await outside.query(`UPDATE products SET category_id = ${categoryId} WHERE id = ${id}`);
    // The rest was drained: a drain takes so many rows at a time.
    await outside.query(`DELETE FROM write_through_outbox WHERE key NOT LIKE '${waiting}:%'`);
    expect(await log.advance()).toBe(before);
    await outside.query('DELETE FROM write_through_outbox');
    expect(await log.advance()).toBe(before + 1);
  },
);

test('whatever may have changed everything is told as that', async () => {
  await using at = await openTestRepositories();
  const [ours, outside] = [await at.catalogue.connect(), await at.catalogue.connectOutside()];
  await makeProduct(ours);
  await using _ = at.first.repository.drain(fail);
  const followed = await Told.by(at.first);
  await outside.query('TRUNCATE product_images');
  await expect.poll(() => followed.events.at(-1)?.event.type).toBe('all-changed');
});

test('changes that are more than a day older than the latest are deleted, also where nobody follows, and the latest never is', async () => {
  await using at = await openTestRepositories();
  const ours = await at.catalogue.connect();
  const { id } = await makeProduct(ours);
  const log = new PostgresChangeLog(at.first.control);
  const adjust = async () => at.first.repository.adjustStock({ id, delta: 1 });
  await adjust();
  await adjust();
  expect(await log.deleteOld(100)).toBe(0);
  await ours.query(`UPDATE product_changes SET numbered_at = numbered_at - interval '26 hours'`);
  expect(await log.deleteOld(100)).toBe(0);
  await adjust();
  expect(await log.deleteOld(100)).toBe(3);
  expect((await log.after(0, 100)).map(({ number }) => number)).toEqual([4]);
  await expect(at.first.repository.changes({ lastEventId: '2' }, going)).rejects.toMatchObject({
    code: 'CHANGES_NOT_KEPT',
  });
});

function fail(err: unknown): never {
  throw err;
}

/**
 * Whatever comes of it: the product may be gone. Or another program brings it back right when it is changed, and again changes
 * it: then the change is made, and its answer cannot be told any more.
 */
async function change({ repository }: RepositoryProcess, id: number, turn: number): Promise<void> {
  const changed =
    turn % 13 === 0 ? repository.delete({ id }) : repository.adjustStock({ id, delta: 1 });
  await changed.catch((err: unknown) => {
    const code = err instanceof Error && 'code' in err ? err.code : undefined;
    if (code !== 'PRODUCT_NOT_FOUND' && code !== 'COMMIT_OUTCOME_UNKNOWN') throw err;
  });
}

/** Transactions of several changes, some slow, some rolled back; deleted products are inserted again. */
async function changeFromOutside(
  client: HeardClient,
  { ids, turn }: { readonly ids: readonly number[]; readonly turn: number },
): Promise<void> {
  const id = ids[(turn * 5) % ids.length] ?? 0;
  await client.query('BEGIN');
  await client.query(
    `INSERT INTO products (id, sku, name, price, category_id)
     VALUES (${id}, 'again-${id}', 'Again', 1, (SELECT min(id) FROM categories))
     ON CONFLICT DO NOTHING`,
  );
  await client.query(`UPDATE products SET stock = stock + 1 WHERE id = ${id}`);
  if (turn % 3 === 0) await systemAmbient.wait(turn % 7);
  await client.query(`UPDATE products SET price = price + 1 WHERE id = ${id}`);
  await client.query(turn % 4 === 0 ? 'ROLLBACK' : 'COMMIT');
}
