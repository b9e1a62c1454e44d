import { CallAbandonedError } from '@throughline/write-through';
import { expect, it } from 'vitest';
import { ProductRepository } from './product-repository.ts';
import { openTestRepositories } from './testing/test-repository.ts';

/** Writes of one process that may run at once. */
const writesMax = 20;

it('a write whose caller has gone while it waited for its turn is not begun, and those before it go on', async () => {
  await using at = await openTestRepositories();
  const gate = Promise.withResolvers<void>();
  let begun = 0;
  const { cache, pool, repository } = await at.another({
    transactions: (inner) => ({
      begin: async () => {
        begun += 1;
        await gate.promise;
        return inner.begin();
      },
      statuses: async (xids) => inner.statuses(xids),
    }),
  });
  let isWanted = true;
  const leaving = repositoryFor({ cache, pool, isWanted: () => isWanted });
  const running = Array.from({ length: writesMax }, async (_, index) =>
    repository.createCategory({ name: 'Lamps', slug: `lamps-${index}` }),
  );
  const left = leaving.createCategory({ name: 'Chairs', slug: 'chairs' });
  await expect.poll(() => cache.writesWaiting).toBe(1);
  isWanted = false;
  gate.resolve();
  await expect(left).rejects.toBeInstanceOf(CallAbandonedError);
  await Promise.all(running);
  expect(begun).toBe(writesMax);
  const { value: categories } = await repository.categories();
  expect(categories.map(({ slug }) => slug)).not.toContain('chairs');
});

it('a search whose caller has gone is not sent, and records that others may wait for are loaded', async () => {
  await using at = await openTestRepositories();
  const { cache, pool, statements } = at.first;
  const leaving = repositoryFor({ cache, pool, isWanted: () => false });
  const before = statements.length;
  await expect(leaving.search({ query: 'lamp', limit: 10 })).rejects.toBeInstanceOf(
    CallAbandonedError,
  );
  await expect(leaving.popular({ limit: 10 })).rejects.toBeInstanceOf(CallAbandonedError);
  expect(statements.length).toBe(before);
  expect(await leaving.byId(1)).toMatchObject({ outcome: 'miss' });
});

function repositoryFor(
  parts: Pick<ConstructorParameters<typeof ProductRepository>[0], 'cache' | 'pool' | 'isWanted'>,
): ProductRepository {
  return new ProductRepository({
    ...parts,
    lives: { productMs: 60_000, priceMs: 10_000, listMs: 60_000 },
    views: { count: () => {} },
    feed: { follow: () => Promise.reject(new Error('Nobody follows here.')) },
    instrument: async (_, run) => run(),
  });
}
