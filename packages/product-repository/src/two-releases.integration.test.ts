import { expect, test } from 'vitest';
import { z } from 'zod';
import { createProductSchema } from './product.ts';
import { shapedSources, shapeOf } from './testing/shaped-sources.ts';
import {
  openTestRepositories,
  type RepositoryProcess,
  type TestRepositories,
} from './testing/test-repository.ts';

/** Two cached shapes, as of two releases, the later of which has raised `schema`. */
const shapes = { old: 1, new: 2 } as const;
type Release = keyof typeof shapes;

const [products, clients, turns] = [6, 8, 120];

interface Running extends RepositoryProcess {
  readonly release: Release;
}

interface Releases extends AsyncDisposable {
  readonly processes: readonly Running[];
  readonly old: Running;
  readonly new: Running;
  readonly categoryId: number;
  readonly ids: readonly number[];
  /** Entries of the other shape that anybody took for one of its own. */
  readonly foreign: readonly string[];
}

test('two releases with different cached shapes beside each other read nothing old and nothing of the other shape', async () => {
  await using at = await openReleases();
  /** The highest version that was acknowledged, by product; whoever asks afterwards must not get less. */
  const acknowledged = new Map<number, number>();
  const members = new Set(at.ids);
  const stale: string[] = [];
  const counts = { reads: 0, writes: 0 };
  const check = (by: Running, floor: number, { id, version }: { id: number; version: number }) => {
    counts.reads += 1;
    if (version < floor) stale.push(`${by.release}: ${id} at ${version}, written at ${floor}`);
  };
  const client = async (index: number) => {
    for (let turn = 0; turn < turns; turn += 1) {
      const by = at.processes[(index + turn) % at.processes.length] ?? at.old;
      const id = at.ids[(index * 7 + turn * 5) % at.ids.length] ?? 0;
      const kind = (index + turn * 3) % 10;
      if (kind < 2) {
        const { value } = await by.repository.adjustStock({ id, delta: 1 });
        counts.writes += 1;
        acknowledged.set(id, Math.max(acknowledged.get(id) ?? 0, value.version));
      } else if (kind === 2 && turn % 20 === 0) {
        const created = await by.repository.create(someProduct(at.categoryId));
        counts.writes += 1;
        members.add(created.value.id);
      } else if (kind < 5) {
        const floors = new Map(acknowledged);
        const expected = [...members];
        const { value } = await by.repository.byCategory({ categoryId: at.categoryId, limit: 200 });
        const page = pageSchema.parse(JSON.parse(value.bytes.toString()));
        const found = new Set(page.items.map((item) => item.id));
        const missing = expected.filter((member) => !found.has(member));
        if (missing.length > 0) stale.push(`${by.release}: no ${missing.join(', ')} on the page`);
        for (const item of page.items) check(by, floors.get(item.id) ?? 0, item);
      } else {
        const floor = acknowledged.get(id) ?? 0;
        const { value, outcome } = await by.repository.byId(id);
        const text = value?.bytes.toString() ?? 'null';
        if (outcome === 'hit' && shapeOf(text) !== shapes[by.release]) stale.push(`shape: ${text}`);
        check(by, floor, versionedSchema.parse(JSON.parse(text)));
      }
    }
  };
  await Promise.all(Array.from({ length: clients }, async (_, index) => client(index)));
  expect(stale).toEqual([]);
  expect(at.foreign).toEqual([]);
  expect(counts.reads).toBeGreaterThan(500);
  expect(counts.writes).toBeGreaterThan(100);
});

test('each release hits what it wrote itself, and reads what the other wrote from the database', async () => {
  await using at = await openReleases();
  const [byOld = 0, byNew = 0] = at.ids;
  await at.old.repository.updatePrice({ id: byOld, price: '1.00' });
  await at.new.repository.updatePrice({ id: byNew, price: '2.00' });
  expect(await priceOf(at.old, byOld)).toEqual({ outcome: 'hit', price: '1.00' });
  expect(await priceOf(at.new, byNew)).toEqual({ outcome: 'hit', price: '2.00' });
  expect(await priceOf(at.new, byOld)).toEqual({ outcome: 'miss', price: '1.00' });
  expect(await priceOf(at.old, byNew)).toEqual({ outcome: 'miss', price: '2.00' });
  // What is not there has no shape.
  const absentId = 2_000_000;
  await at.old.repository.byId(absentId);
  await expect.poll(async () => (await at.new.repository.byId(absentId)).outcome).toBe('negative');
  // Whoever writes takes the entry over.
  await at.new.repository.updatePrice({ id: byOld, price: '3.00' });
  expect(await priceOf(at.new, byOld)).toEqual({ outcome: 'hit', price: '3.00' });
  expect(await priceOf(at.old, byOld)).toEqual({ outcome: 'miss', price: '3.00' });
});

test('after a way back the old release reads all that the new one wrote, and hits again after a reset', async () => {
  await using at = await openReleases();
  for (const [index, id] of at.ids.entries()) {
    await at.new.repository.updatePrice({ id, price: `${index + 1}.00` });
  }
  for (const { release, cache } of at.processes) {
    if (release === 'new') await cache[Symbol.asyncDispose]();
  }
  for (const [index, id] of at.ids.entries()) {
    expect(await priceOf(at.old, id)).toEqual({ outcome: 'miss', price: `${index + 1}.00` });
  }
  await at.old.repository.cacheAdmin.reset();
  for (const [index, id] of at.ids.entries()) {
    await expect
      .poll(async () => priceOf(at.old, id))
      .toEqual({ outcome: 'hit', price: `${index + 1}.00` });
  }
  expect(at.foreign).toEqual([]);
});

test('a release that changes the shape and not its number takes the other for its own: the check can fail', async () => {
  await using at = await openReleases({ old: 1, new: 1 });
  const [id = 0] = at.ids;
  await at.old.repository.updatePrice({ id, price: '1.00' });
  const { outcome, value } = await at.new.repository.byId(id);
  expect(outcome).toBe('hit');
  expect(shapeOf(value?.bytes.toString() ?? '')).toBe(shapes.old);
});

async function priceOf({ repository }: Running, id: number) {
  const { outcome, value } = await repository.byId(id);
  return {
    outcome,
    price:
      value === null ? undefined : pricedSchema.parse(JSON.parse(value.bytes.toString())).price,
  };
}

const versionedSchema = z.object({ id: z.int(), version: z.int() });
const pageSchema = z.object({ items: z.array(versionedSchema) });
const pricedSchema = z.object({ price: z.string() });

let made = 0;
function someProduct(categoryId: number) {
  made += 1;
  return createProductSchema.parse({
    sku: `SKU-${made}`,
    name: `Lamp ${made}`,
    price: '10.00',
    stock: 5,
    categoryId,
  });
}

/** Two processes of each release on the same stores, and products of one category. */
async function openReleases(
  schemas: Readonly<Record<Release, number>> = shapes,
): Promise<Releases> {
  await using opening = new AsyncDisposableStack();
  const at: TestRepositories = opening.use(await openTestRepositories());
  const foreign: string[] = [];
  const start = async (release: Release): Promise<Running> => {
    const sources = shapedSources({ schema: schemas[release], shape: shapes[release] }, foreign);
    return { ...(await at.another({ sources })), release };
  };
  const [first, second] = [await start('old'), await start('new')];
  const processes = [first, second, await start('old'), await start('new')];
  const { repository } = first;
  const { id: categoryId } = (await repository.createCategory({ name: 'Lamps', slug: 'lamps' }))
    .value;
  const ids: number[] = [];
  for (let count = 0; count < products; count += 1) {
    ids.push((await repository.create(someProduct(categoryId))).value.id);
  }
  const opened = opening.move();
  return {
    processes,
    old: first,
    new: second,
    categoryId,
    ids,
    foreign,
    [Symbol.asyncDispose]: async () => opened.disposeAsync(),
  };
}
