import { describe, expect, it } from 'vitest';
import { createProductSchema } from './product.ts';
import { openTestRepositories, type RepositoryProcess } from './testing/test-repository.ts';
import { told } from './testing/told.ts';

const size = 20;

/** A category of products that are all cached, with its first page. */
async function warmCategory({ repository }: RepositoryProcess) {
  const category = await repository.createCategory({ name: 'Lamps', slug: 'lamps' });
  const categoryId = category.value.id;
  const ids: number[] = [];
  for (let number = 0; number < size; number += 1) {
    const fields = { sku: `SKU-${number}`, name: `Lamp ${number}`, price: '1.00', categoryId };
    ids.push((await repository.create(createProductSchema.parse(fields))).value.id);
  }
  const page = { categoryId, limit: 50 };
  await expect.poll(async () => (await repository.byCategory(page)).outcome).toBe('hit');
  return { ids, page };
}

/** What Redis is sent until the work is done, but for what goes on in the background. */
async function sentBy(
  { commands }: RepositoryProcess,
  work: () => Promise<unknown>,
): Promise<string[]> {
  const before = commands.length;
  await work();
  return commands.slice(before).filter((name) => name === 'MGET' || name === 'EVALSHA');
}

describe('a process', () => {
  it('reads many products in one round trip, in one call and in as many', async () => {
    await using at = await openTestRepositories();
    const { ids } = await warmCategory(at.first);
    const { repository } = at.first;
    const one = await sentBy(at.first, async () => {
      const { outcome, value } = await told(repository.byIds({ ids: [...ids, ...ids] }));
      expect([outcome, value.map((product) => product?.id)]).toEqual(['hit', [...ids, ...ids]]);
    });
    expect(one).toEqual(['MGET']);
    const all = await sentBy(at.first, async () =>
      Promise.all([...ids, ...ids].map(async (id) => repository.byId(id))),
    );
    expect(all).toEqual(['MGET']);
  });

  it('reads a page of a category in two round trips, and one more where its list has changed', async () => {
    await using at = await openTestRepositories();
    const { ids, page } = await warmCategory(at.first);
    const { repository } = at.first;
    const names = async () => {
      const { outcome, value } = await told(repository.byCategory(page));
      return [outcome, ...value.items.map(({ name }) => name)];
    };
    const before = await names();
    expect(before).toHaveLength(size + 1);
    expect(await sentBy(at.first, names)).toEqual(['MGET', 'MGET']);
    const other = await at.another();
    await other.repository.update({ id: ids[0] ?? 0, name: 'A lamp' });
    await expect.poll(async () => (await other.repository.byCategory(page)).outcome).toBe('hit');
    const commands = await sentBy(at.first, async () => {
      expect((await names()).slice(0, 2)).toEqual(['hit', 'A lamp']);
    });
    expect(commands).toEqual(['MGET', 'MGET', 'MGET']);
    expect(await sentBy(at.first, names)).toEqual(['MGET', 'MGET']);
  });
});

describe('a stampede', () => {
  it('on one absent product is two SELECTs in each process, and every read is right', async () => {
    await using at = await openTestRepositories();
    const { ids } = await warmCategory(at.first);
    const id = ids[0] ?? 0;
    const processes = [at.first, await at.another()];
    await at.first.repository.cacheAdmin.invalidate({ namespace: 'product', id });
    for (const { statements } of processes) statements.length = 0;
    const reads = await Promise.all(
      processes.flatMap(({ repository }) =>
        Array.from({ length: 1_000 }, async () => told(repository.byId(id))),
      ),
    );
    expect(new Set(reads.map(({ value }) => value?.id))).toEqual(new Set([id]));
    for (const { statements } of processes) {
      const selects = statements.filter((name) => name === 'select_products');
      expect(selects.length).toBeLessThanOrEqual(2);
    }
    expect((await processes[1]?.repository.byId(id))?.outcome).toBe('hit');
  });

  it('that goes on while a write commits answers each read with what it may', async () => {
    await using at = await openTestRepositories();
    const { ids } = await warmCategory(at.first);
    const id = ids[0] ?? 0;
    const other = await at.another();
    await at.first.repository.cacheAdmin.invalidate({ namespace: 'product', id });
    let isWritten = false;
    const [early, late] = [new Set<string | undefined>(), new Set<string | undefined>()];
    const write = async () => {
      await other.repository.updatePrice({ id, price: '2.00' });
      isWritten = true;
    };
    const read = async () => {
      for (let turn = 0; turn < 20; turn += 1) {
        const prices = isWritten ? late : early;
        const { value } = await told(at.first.repository.byId(id));
        prices.add(value?.price);
      }
    };
    await Promise.all([write(), ...Array.from({ length: 200 }, read)]);
    await read();
    expect(['1.00', '2.00']).toEqual(expect.arrayContaining([...early]));
    expect([...late]).toEqual(['2.00']);
  });

  it('on many absent products is a few SELECTs and a bounded number of round trips', async () => {
    await using at = await openTestRepositories();
    const { ids } = await warmCategory(at.first);
    const { repository, statements, cache } = at.first;
    await cache.reset();
    await expect.poll(() => cache.state.trusted).toBe(true);
    statements.length = 0;
    const commands = await sentBy(at.first, async () => {
      const asked = Array.from({ length: 50 }, () => ids).flat();
      const reads = await Promise.all(asked.map(async (id) => told(repository.byId(id))));
      expect(reads.map(({ value }) => value?.id)).toEqual(asked);
    });
    const selects = statements.filter((name) => name === 'select_products');
    expect(selects.length).toBeLessThanOrEqual(2);
    // One MGET; a LEASE of each product, and a FILL; and for those who boarded the next flight a LEASE.
    expect(commands.filter((name) => name === 'MGET').length).toBe(1);
    expect(commands.length).toBeLessThanOrEqual(1 + 3 * size);
  });
});
