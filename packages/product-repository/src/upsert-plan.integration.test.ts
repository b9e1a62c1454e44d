import { interceptedStore } from '@throughline/write-through';
import { Gate, watchedPool } from '@throughline/write-through/testing';
import { describe, expect, it } from 'vitest';
import type { Product } from './product.ts';
import {
  openTestRepositories,
  type RepositoryProcess,
  type TestRepositories,
} from './testing/test-repository.ts';
import { told } from './testing/told.ts';
import { upsertedProductsMax, upsertManySchema, type UpsertProduct } from './upsert.ts';

let categoriesMade = 0;

async function newCategory({ repository }: RepositoryProcess): Promise<number> {
  const slug = `lamps-${(categoriesMade += 1)}`;
  return (await repository.createCategory({ name: 'Lamps', slug })).value.id;
}

function rows(
  count: number,
  fields: Partial<UpsertProduct> & { categoryId: number },
): UpsertProduct[] {
  return Array.from({ length: count }, (_, index) => ({
    sku: `S${String(index).padStart(3, '0')}`,
    name: `Lamp ${index}`,
    price: '10.00',
    ...fields,
  }));
}

function changed(product: UpsertProduct, fields: Partial<UpsertProduct>): UpsertProduct {
  return { ...product, ...fields };
}

async function upsert({ repository }: RepositoryProcess, products: readonly UpsertProduct[]) {
  return repository.upsertMany({ products: [...products] });
}

async function stored({ catalogue }: TestRepositories): Promise<Record<string, unknown>[]> {
  const db = await catalogue.connect();
  const text = `SELECT sku, name, price::text AS price, stock, version FROM products ORDER BY sku`;
  return (await db.query<Record<string, unknown>>(text)).rows;
}

describe('many products by their SKUs', () => {
  it('are created, changed, left alone or refused, each by itself, and told so in order', async () => {
    await using at = await openTestRepositories();
    const categoryId = await newCategory(at.first);
    const images = [{ url: 'https://images.example/1', alt: 'é' }];
    const first = await upsert(at.first, [
      { sku: 'A', name: 'Alpha', price: '1.00', categoryId, description: 'old', stock: 4, images },
      { sku: 'B', name: 'Beta', price: '2.00', categoryId },
    ]);
    expect(first.value.map(({ outcome }) => outcome)).toEqual(['created', 'created']);
    const again = await upsert(at.first, [
      { sku: 'C', name: 'Gamma', price: '3.00', categoryId },
      { sku: 'X', name: 'Nowhere', price: '3.00', categoryId: 999_999 },
      { sku: 'B', name: 'Beta', price: '2.50', categoryId },
      { sku: 'A', name: 'Alpha', price: '1.00', categoryId },
    ]);
    expect(again).toMatchObject({
      outcome: 'published',
      value: [
        { sku: 'C', outcome: 'created', version: 1 },
        { sku: 'X', outcome: 'refused', serviceCode: 'CATEGORY_NOT_FOUND' },
        { sku: 'B', outcome: 'updated', version: 2 },
        { sku: 'A', outcome: 'unchanged', version: 1 },
      ],
      changes: [
        { type: 'created', version: 1 },
        { type: 'price-changed', version: 2, oldPrice: '2.00', newPrice: '2.50' },
      ],
    });
    // What was left out is as it was.
    const { value: product } = await told(at.first.repository.byId(idOf(first.value[0])));
    expect(product).toMatchObject({ description: 'old', stock: 4, images, version: 1 });
    expect(await stored(at)).toMatchObject([
      { sku: 'A', price: '1.00', version: 1 },
      { sku: 'B', price: '2.50', version: 2 },
      { sku: 'C', price: '3.00', version: 1 },
    ]);
  });

  it('are in every cache when the answer comes, with their images, and in the lists that they enter and leave', async () => {
    await using at = await openTestRepositories();
    const other = await at.another();
    const [one, two] = [await newCategory(at.first), await newCategory(at.first)];
    const products = rows(upsertedProductsMax, { categoryId: one, stock: 1 });
    const { value } = await upsert(at.first, products);
    const ids = value.map(idOf);
    await other.repository.byCategory({ categoryId: one, limit: 100 });
    await other.repository.byCategory({ categoryId: two, limit: 100 });
    const images = [{ url: 'https://images.example/2', alt: '' }];
    const moved = products.map((product, index) =>
      changed(
        product,
        index % 2 === 0 ? { categoryId: two, images } : index === 1 ? { name: 'Zebra' } : {},
      ),
    );
    await upsert(at.first, moved);
    const { outcome, value: read } = await told(other.repository.byIds({ ids }));
    expect(outcome).toBe('hit');
    expect(read.map((product) => product?.categoryId)).toEqual(
      moved.map((product) => product.categoryId),
    );
    expect(read[0]?.images).toMatchObject(images);
    const [left, entered] = await Promise.all(
      [one, two].map(async (categoryId) =>
        told(other.repository.byCategory({ categoryId, limit: 100 })),
      ),
    );
    expect(left?.value.items).toHaveLength(upsertedProductsMax / 2);
    expect(left?.value.items.at(-1)?.name).toBe('Zebra');
    expect(entered?.value.items).toHaveLength(upsertedProductsMax / 2);
  });

  it('take five round trips to PostgreSQL, however many they are, and none of them a lock where nothing changes', async () => {
    await using at = await openTestRepositories();
    const categoryId = await newCategory(at.first);
    const roundTrips: number[] = [];
    const process = await at.another({
      pool: (pool) => watchedPool(pool, (queries) => roundTrips.push(queries.length)),
    });
    const products = rows(upsertedProductsMax, { categoryId });
    await upsert(process, products);
    expect(roundTrips).toHaveLength(5);
    process.commands.length = 0;
    roundTrips.length = 0;
    const { value } = await upsert(process, products);
    expect(new Set(value.map(({ outcome }) => outcome))).toEqual(new Set(['unchanged']));
    expect(roundTrips).toHaveLength(3);
    expect(process.commands.filter((name) => name === 'EVALSHA')).toEqual([]);
  });

  it('must be named by distinct SKUs, and be a hundred at most', () => {
    const many = (count: number) => ({ products: rows(count, { categoryId: 1 }) });
    expect(upsertManySchema.safeParse(many(upsertedProductsMax)).success).toBe(true);
    expect(upsertManySchema.safeParse(many(upsertedProductsMax + 1)).success).toBe(false);
    const [row] = rows(1, { categoryId: 1 });
    expect(upsertManySchema.safeParse({ products: [row, row] }).success).toBe(false);
  });
});

describe('a write of many products', () => {
  it('that is rolled back leaves nothing in the database and nothing in the cache', async () => {
    await using at = await openTestRepositories();
    const categoryId = await newCategory(at.first);
    const products = rows(10, { categoryId });
    const { value } = await upsert(at.first, products.slice(0, 5));
    const before = await stored(at);
    const steps: string[] = [];
    const failing = await at.another({
      store: (store) =>
        interceptedStore(store, async (step, send) => {
          steps.push(step);
          return send();
        }),
    });
    const dearer = products.map((product) => changed(product, { price: '99.00' }));
    // The schema would refuse it; the table does, when all others are written.
    const last = { ...(dearer.at(-1) ?? dearer[0]), sku: 'Z', price: '-1.00' };
    await expect(
      failing.repository.upsertMany({ products: [...dearer, { name: 'Z', categoryId, ...last }] }),
    ).rejects.toMatchObject({ constraint: 'products_price_check' });
    expect(await stored(at)).toEqual(before);
    await expect
      .poll(() => steps.filter((step) => step === 'abandon').length)
      .toBe(products.length + 2);
    const reads = await told(at.first.repository.byIds({ ids: value.map(idOf) }));
    expect(reads.value.map((product) => product?.price)).toEqual(Array(5).fill('10.00'));
  });

  it('whose INTEND fails for one of its entries changes none', async () => {
    await using at = await openTestRepositories();
    const categoryId = await newCategory(at.first);
    const products = rows(10, { categoryId });
    await upsert(at.first, products);
    let intents = 0;
    const failing = await at.another({
      store: (store) =>
        interceptedStore(store, async (step, send) => {
          if (step === 'intend' && (intents += 1) > 5) throw new Error('Redis is away');
          return send();
        }),
    });
    const before = await stored(at);
    const dearer = products.map((product) => changed(product, { price: '99.00' }));
    await expect(upsert(failing, dearer)).rejects.toMatchObject({ code: 'CACHE_UNAVAILABLE' });
    expect(await stored(at)).toEqual(before);
  });

  it('is planned again where a SKU comes up, a product is renamed or deleted after it was looked up', async () => {
    await using at = await openTestRepositories();
    const [one, two] = [await newCategory(at.first), await newCategory(at.first)];
    const [kept, renamed, deleted, created] = rows(4, { categoryId: one });
    if (!kept || !renamed || !deleted || !created) throw new Error('There are four.');
    const { value } = await upsert(at.first, [kept, renamed, deleted]);
    const gate = new Gate();
    const held = await at.another({
      store: (store) =>
        interceptedStore(store, async (step, send) => {
          if (step === 'intend') await gate.pass();
          return send();
        }),
    });
    const wanted = [kept, renamed, deleted, created].map((row) => changed(row, { price: '20.00' }));
    const writing = upsert(held, wanted);
    await gate.arrived;
    const { repository } = at.first;
    await repository.update({ id: idOf(value[1]), name: 'Other', categoryId: two });
    await repository.delete({ id: idOf(value[2]) });
    await upsert(at.first, [{ ...created, stock: 7 }]);
    gate.open();
    const { value: answers } = await writing;
    expect(answers).toMatchObject([
      { outcome: 'updated', version: 2 },
      { outcome: 'updated', version: 3 },
      { outcome: 'created', version: 1 },
      { outcome: 'updated', version: 2 },
    ]);
    expect(await stored(at)).toMatchObject(
      wanted.map(({ sku, name }, index) => ({
        sku,
        name,
        price: '20.00',
        stock: index === 3 ? 7 : 0,
      })),
    );
  });

  it('that is repeated with its key gets the first answer, refusals too, and changes nothing', async () => {
    await using at = await openTestRepositories();
    const categoryId = await newCategory(at.first);
    const products = [
      ...rows(3, { categoryId }),
      { sku: 'X', name: 'X', price: '1.00', categoryId: 999_999 },
    ];
    const request = { subject: 'someone', procedure: 'product.upsertMany', key: 'k' };
    const first = await at.first.repository.upsertMany({ products }, request);
    await at.first.repository.updatePrice({ id: idOf(first.value[0]), price: '77.00' });
    const before = await stored(at);
    const other = await at.another();
    const again = await other.repository.upsertMany({ products }, request);
    expect(again).toEqual({ outcome: 'none', value: first.value, replayed: true });
    expect(await stored(at)).toEqual(before);
  });

  it('is told as one change of each product, to whoever follows', async () => {
    await using at = await openTestRepositories();
    const categoryId = await newCategory(at.first);
    const over = new AbortController();
    const changes = await at.first.repository.changes({}, over.signal);
    const products = rows(20, { categoryId });
    const { value } = await upsert(at.first, products);
    await upsert(
      at.first,
      products.map((product, index) => changed(product, { stock: index % 2 })),
    );
    const versions = new Map<number, number[]>();
    let count = 0;
    for await (const { event } of changes) {
      if (event.type !== 'changed') continue;
      versions.set(event.id, [...(versions.get(event.id) ?? []), event.version]);
      count += 1;
      if (count === 30) break;
    }
    over.abort();
    expect(value.map((answer) => versions.get(idOf(answer)))).toEqual(
      value.map((_, index) => (index % 2 === 0 ? [1] : [1, 2])),
    );
  });
});

describe('importers and others at once', () => {
  it('lose nothing, do not wait for each other in a circle, and no reader sees what was before', async () => {
    await using at = await openTestRepositories();
    const processes = [at.first, await at.another()];
    const categories = [await newCategory(at.first), await newCategory(at.first)];
    const size = 40;
    const products = rows(size, { categoryId: categories[0] ?? 0 });
    const ids = (await upsert(at.first, products)).value.map(idOf);
    const known = new Map(ids.map((id) => [id, 1]));
    const stale: string[] = [];
    let adjusted = 0;
    let reads = 0;
    const over = new AbortController();
    const see = (id: number, version: number) =>
      known.set(id, Math.max(known.get(id) ?? 0, version));

    const rounds = 12;
    const importer = async (own: number) => {
      for (let round = 0; round < rounds; round += 1) {
        const categoryId = categories[(round + own) % 2] ?? 0;
        // All of them in another category than before, and new ones that all three bring; one of the three backwards.
        const fields = { categoryId, price: `${round + 1}.0${own}` };
        const batch = products.map((product) => changed(product, fields));
        for (const product of rows(5, fields)) {
          batch.push(changed(product, { sku: `N${round}-${product.sku}` }));
        }
        if (own === 1) batch.reverse();
        const process = processes[own % 2] ?? at.first;
        const { value } = await upsert(process, batch);
        for (const answer of value)
          if (answer.outcome !== 'refused') see(answer.id, answer.version);
      }
    };
    const adjuster = async (own: number) => {
      for (let turn = own; !over.signal.aborted; turn += 3) {
        const id = ids[turn % size] ?? 0;
        const { value } = await (processes[turn % 2] ?? at.first).repository.adjustStock({
          id,
          delta: 1,
        });
        see(id, value.version);
        adjusted += 1;
      }
    };
    const reader = async (own: number) => {
      for (let turn = own; !over.signal.aborted; turn += 1) {
        const floors = ids.map((id) => known.get(id) ?? 0);
        const { value } = await told((processes[turn % 2] ?? at.first).repository.byIds({ ids }));
        reads += 1;
        value.forEach((product: Product | null, index) => {
          if ((product?.version ?? 0) < (floors[index] ?? 0)) {
            stale.push(`product ${ids[index]} at ${product?.version} after ${floors[index]}`);
          }
        });
      }
    };
    const others = [adjuster(0), adjuster(1), reader(0), reader(1), reader(2)];
    await Promise.all([importer(0), importer(1), importer(0)]).finally(() => over.abort());
    await Promise.all(others);
    expect(stale).toEqual([]);
    expect(reads).toBeGreaterThan(20);
    const rowsNow = await stored(at);
    expect(rowsNow).toHaveLength(size + 5 * rounds);
    const stock = rowsNow.reduce((sum, { stock: each }) => sum + Number(each), 0);
    expect(stock).toBe(adjusted);
    const { value } = await told(at.first.repository.byIds({ ids }));
    expect(value.map((product) => product?.version)).toEqual(
      rowsNow.filter(({ sku }) => String(sku).startsWith('S')).map(({ version }) => version),
    );
  });
});

function idOf(answer: { readonly id?: number } | object | undefined): number {
  if (answer === undefined || !('id' in answer) || typeof answer.id !== 'number') {
    throw new Error('The product was refused.');
  }
  return answer.id;
}
