import { CacheUnavailableError, interceptedStore } from '@throughline/write-through';
import { describe, expect, it } from 'vitest';
import {
  CategoryNotFoundError,
  CursorInvalidError,
  ProductNotFoundError,
  SkuTakenError,
  SlugTakenError,
  StockInsufficientError,
  VersionConflictError,
} from './errors.ts';
import { type CreateProduct, createProductSchema } from './product.ts';
import {
  openTestRepositories,
  type RepositoryProcess,
  type TestRepositories,
} from './testing/test-repository.ts';
import { told } from './testing/told.ts';

let made = 0;

async function newCategory({ repository }: RepositoryProcess): Promise<number> {
  made += 1;
  return (await repository.createCategory({ name: 'Lamps', slug: `lamps-${made}` })).value.id;
}

function newProduct(categoryId: number, fields: Partial<CreateProduct> = {}): CreateProduct {
  made += 1;
  return createProductSchema.parse({
    sku: `SKU-${made}`,
    name: `Lamp ${made}`,
    price: '10.00',
    stock: 5,
    categoryId,
    ...fields,
  });
}

async function storedPrice({ catalogue }: TestRepositories, id: number): Promise<unknown> {
  const db = await catalogue.connect();
  const { rows } = await db.query<{ price: string }>('SELECT price FROM products WHERE id = $1', [
    id,
  ]);
  return rows[0]?.price;
}

describe('ProductRepository', () => {
  it('has an update in the database and in the cache when it returns', async () => {
    await using at = await openTestRepositories();
    const { repository } = at.first;
    const product = (await repository.create(newProduct(await newCategory(at.first)))).value;
    const updated = await repository.updatePrice({ id: product.id, price: '19.90' });
    expect(updated).toMatchObject({ outcome: 'published', value: { price: '19.90', version: 2 } });
    expect(await storedPrice(at, product.id)).toBe('19.90');
    const other = await at.another();
    for (const reader of [at.first, other]) {
      expect(await told(reader.repository.byId(product.id))).toEqual({
        outcome: 'hit',
        value: updated.value,
      });
    }
  });

  it('rolls the transaction back when the cache step fails', async () => {
    await using at = await openTestRepositories();
    const product = (await at.first.repository.create(newProduct(await newCategory(at.first))))
      .value;
    const failing = await at.another({
      store: (store) =>
        interceptedStore(store, async (step, send) => {
          if (step === 'intend') throw new Error('Redis is away');
          return send();
        }),
    });
    await expect(
      failing.repository.updatePrice({ id: product.id, price: '99.00' }),
    ).rejects.toThrow(CacheUnavailableError);
    expect(await storedPrice(at, product.id)).toBe('10.00');
    expect(await told(at.first.repository.byId(product.id))).toMatchObject({ value: product });
  });

  it('tells the old and the new price of a price change', async () => {
    await using at = await openTestRepositories();
    const { id } = (await at.first.repository.create(newProduct(await newCategory(at.first))))
      .value;
    const { change } = await at.first.repository.updatePrice({ id, price: '0.05' });
    expect(change).toEqual({
      type: 'price-changed',
      id,
      version: 2,
      oldPrice: '10.00',
      newPrice: '0.05',
    });
  });

  it('touches no list when a price or a stock changes', async () => {
    await using at = await openTestRepositories();
    const { repository } = at.first;
    const categoryId = await newCategory(at.first);
    const { id } = (await repository.create(newProduct(categoryId))).value;
    await repository.byCategory({ categoryId, limit: 10 });
    await repository.updatePrice({ id, price: '1.00' });
    await repository.adjustStock({ id, delta: -2 });
    await repository.update({ id, description: 'not a name' });
    const page = await told(repository.byCategory({ categoryId, limit: 10 }));
    expect(page.outcome).toBe('hit');
    expect(page.value.items).toMatchObject([{ id, price: '1.00', stock: 3, version: 4 }]);
  });

  it('reorders a list after a rename and leaves other lists alone', async () => {
    await using at = await openTestRepositories();
    const { repository } = at.first;
    const [categoryId, other] = [await newCategory(at.first), await newCategory(at.first)];
    const first = (await repository.create(newProduct(categoryId, { name: 'Alpha' }))).value;
    const second = (await repository.create(newProduct(categoryId, { name: 'Beta' }))).value;
    await repository.byCategory({ categoryId, limit: 10 });
    await repository.byCategory({ categoryId: other, limit: 10 });
    await repository.update({ id: first.id, name: 'Zeta' });
    const page = await told(repository.byCategory({ categoryId, limit: 10 }));
    expect(page.value.items.map(({ id }) => id)).toEqual([second.id, first.id]);
    expect((await repository.byCategory({ categoryId: other, limit: 10 })).outcome).toBe('hit');
  });

  it('shows a moved product in its new category only, in every process', async () => {
    await using at = await openTestRepositories();
    const { repository } = at.first;
    const [from, to] = [await newCategory(at.first), await newCategory(at.first)];
    const { id } = (await repository.create(newProduct(from))).value;
    const other = await at.another();
    for (const categoryId of [from, to])
      await other.repository.byCategory({ categoryId, limit: 9 });
    const moved = await repository.update({ id, categoryId: to });
    expect(moved.value.category.id).toBe(to);
    const left = await told(other.repository.byCategory({ categoryId: from, limit: 9 }));
    const entered = await told(other.repository.byCategory({ categoryId: to, limit: 9 }));
    expect([left.value.items, entered.value.items]).toEqual([[], [moved.value]]);
  });

  it('pages through a category in order, each product once', async () => {
    await using at = await openTestRepositories();
    const { repository } = at.first;
    const categoryId = await newCategory(at.first);
    const names = ['d', 'a', 'c', 'a', 'b', 'ä', 'B'];
    for (const name of names) await repository.create(newProduct(categoryId, { name }));
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = (await told(repository.byCategory({ categoryId, limit: 3, cursor }))).value;
      seen.push(...page.items.map(({ name }) => name));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual(['a', 'a', 'ä', 'b', 'B', 'c', 'd']);
  });

  it('leaves nothing in the cache for categories that do not exist', async () => {
    await using at = await openTestRepositories();
    const steps: string[] = [];
    const watched = await at.another({
      store: (store) =>
        interceptedStore(store, async (step, send) => {
          steps.push(step);
          return send();
        }),
    });
    const refused = async (categoryId: number) =>
      expect(watched.repository.byCategory({ categoryId, limit: 5 })).rejects.toThrow(
        CategoryNotFoundError,
      );
    await refused(1_000_000);
    steps.length = 0;
    for (let id = 1_000_001; id < 1_000_020; id += 1) await refused(id);
    expect(new Set(steps)).toEqual(new Set(['get']));
  });

  it('forgets a deleted product everywhere and never confuses it with another', async () => {
    await using at = await openTestRepositories();
    const { repository } = at.first;
    const categoryId = await newCategory(at.first);
    const { id } = (await repository.create(newProduct(categoryId))).value;
    await repository.byCategory({ categoryId, limit: 10 });
    expect((await repository.delete({ id, expectedVersion: 1 })).value).toEqual({ id, version: 2 });
    expect(await told(repository.byId(id))).toEqual({ outcome: 'negative', value: null });
    expect((await told(repository.byCategory({ categoryId, limit: 10 }))).value.items).toEqual([]);
    await expect(repository.delete({ id })).rejects.toThrow(ProductNotFoundError);
  });

  it('answers byIds in the order asked, with duplicates and gaps', async () => {
    await using at = await openTestRepositories();
    const { repository } = at.first;
    const categoryId = await newCategory(at.first);
    const one = (await repository.create(newProduct(categoryId))).value;
    const two = (await repository.create(newProduct(categoryId))).value;
    const ids = [two.id, 2_000_000_000, one.id, two.id];
    expect((await told(repository.byIds({ ids }))).value).toEqual([two, null, one, two]);
  });

  it('refuses in words, and changes nothing', async () => {
    await using at = await openTestRepositories();
    const { repository } = at.first;
    const categoryId = await newCategory(at.first);
    const product = (await repository.create(newProduct(categoryId))).value;
    const { id, sku } = product;
    const missing = 2_000_000_000;
    const attempts: [() => Promise<unknown>, new (...args: never[]) => Error][] = [
      [async () => repository.create(newProduct(categoryId, { sku })), SkuTakenError],
      [async () => repository.create(newProduct(missing)), CategoryNotFoundError],
      [async () => repository.update({ id, categoryId: missing }), CategoryNotFoundError],
      [async () => repository.update({ id: missing, name: 'x' }), ProductNotFoundError],
      [async () => repository.update({ id, name: 'x', expectedVersion: 7 }), VersionConflictError],
      [
        async () => repository.updatePrice({ id, price: '1.00', expectedVersion: 7 }),
        VersionConflictError,
      ],
      [async () => repository.updatePrice({ id: missing, price: '1.00' }), ProductNotFoundError],
      [async () => repository.adjustStock({ id, delta: -6 }), StockInsufficientError],
      [async () => repository.adjustStock({ id: missing, delta: 1 }), ProductNotFoundError],
      [async () => repository.delete({ id, expectedVersion: 7 }), VersionConflictError],
      [async () => repository.byCategory({ categoryId: missing, limit: 5 }), CategoryNotFoundError],
      [
        async () => repository.byCategory({ categoryId, limit: 5, cursor: 'no cursor' }),
        CursorInvalidError,
      ],
      [
        async () => repository.search({ query: 'x', limit: 5, cursor: 'no cursor' }),
        CursorInvalidError,
      ],
    ];
    for (const [attempt, error] of attempts) await expect(attempt()).rejects.toThrow(error);
    expect((await told(repository.byId(id))).value).toEqual(product);
    const { slug } = (await repository.categories()).value[0] ?? { slug: '' };
    await expect(repository.createCategory({ name: 'x', slug })).rejects.toThrow(SlugTakenError);
  });

  it('gives a new category another id where another program has taken the next one', async () => {
    await using at = await openTestRepositories();
    const id = await newCategory(at.first);
    const outside = await at.catalogue.connectOutside();
    await outside.query(`INSERT INTO categories (id, name, slug) VALUES (${id + 1}, 'x', 'x')`);
    expect(await newCategory(at.first)).toBe(id + 2);
  });

  it('lists a new category at once, in every process', async () => {
    await using at = await openTestRepositories();
    const other = await at.another();
    await other.repository.categories();
    const id = await newCategory(at.first);
    const { value } = await other.repository.categories();
    expect(value.map((category) => category.id)).toContain(id);
    expect((await other.repository.categories()).outcome).toBe('hit');
  });

  it('finds products by words and by the beginning of the last one, as they are now', async () => {
    await using at = await openTestRepositories();
    const { repository } = at.first;
    const categoryId = await newCategory(at.first);
    const { id } = (await repository.create(newProduct(categoryId, { name: 'Brass reading lamp' })))
      .value;
    await repository.updatePrice({ id, price: '77.00' });
    const { value } = await told(repository.search({ query: 'brass rea', limit: 5 }));
    expect(value.items).toMatchObject([{ id, price: '77.00' }]);
  });

  it('claims no part of the cache in a search that finds nothing', async () => {
    await using at = await openTestRepositories();
    const { outcome, value } = await told(at.first.repository.search({ query: 'zzz', limit: 5 }));
    expect([outcome, value.items]).toEqual(['none', []]);
  });

  it('counts views of products that exist, and runs every operation through the instrument', async () => {
    await using at = await openTestRepositories();
    const { repository } = at.first;
    const { id } = (await repository.create(newProduct(await newCategory(at.first)))).value;
    await repository.byId(id);
    await repository.byId(2_000_000_000);
    expect(at.first.viewed).toEqual([id]);
    expect(at.first.operations.map(({ name, kind }) => `${kind} ${name}`)).toEqual([
      'write category.create',
      'write create',
      'read byId',
      'read byId',
    ]);
  });
});
