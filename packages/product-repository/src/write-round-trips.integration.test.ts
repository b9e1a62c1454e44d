import {
  type ConnectionPool,
  interceptedPool,
  type Query,
  withConnection,
} from '@throughline/write-through/postgres';
import { watchedPool } from '@throughline/write-through/testing';
import { describe, expect, it } from 'vitest';
import { createProductSchema, type Product } from './product.ts';
import {
  openTestRepositories,
  type RepositoryProcess,
  type TestRepositories,
} from './testing/test-repository.ts';
import { told } from './testing/told.ts';

const begin = ['BEGIN', 'write-through-lock', 'write-through-begun'];

describe('a change of one product', () => {
  it('takes two round trips to PostgreSQL: one to begin, and one with its COMMIT', async () => {
    await using at = await openTestRepositories();
    const { id } = await someProduct(at.first);
    const { repository, roundTrips } = await watched(at);
    await repository.updatePrice({ id, price: '11.00' });
    await repository.adjustStock({ id, delta: 1 });
    expect(roundTrips).toEqual([
      begin,
      ['lock_product', 'update_price', 'COMMIT'],
      begin,
      ['lock_product', 'adjust_stock', 'COMMIT'],
    ]);
  });

  it('with a key takes one more: the key is claimed in that of BEGIN, and the answer kept in that of COMMIT', async () => {
    await using at = await openTestRepositories();
    const { id } = await someProduct(at.first);
    const { repository, roundTrips } = await watched(at);
    const request = { subject: 'someone', procedure: 'product.updatePrice', key: 'k' };
    await repository.updatePrice({ id, price: '11.00' }, request);
    expect(roundTrips).toEqual([
      [...begin, 'claim_idempotency_key'],
      ['lock_product', 'update_price'],
      ['keep_answer', 'COMMIT'],
    ]);
  });

  it('has its statements parsed once a connection, however often it is made', async () => {
    await using at = await openTestRepositories();
    const { id } = await someProduct(at.first);
    const { repository, pool } = await at.another();
    for (let turn = 0; turn < 10; turn += 1) await repository.adjustStock({ id, delta: 1 });
    const { rows } = await withConnection(pool, async (db) =>
      db.query({
        text: `SELECT name, generic_plans + custom_plans AS runs FROM pg_prepared_statements
                WHERE name IN ('lock_product', 'adjust_stock', 'write-through-begun')
                ORDER BY name`,
      }),
    );
    expect(rows).toEqual([
      { name: 'adjust_stock', runs: '10' },
      { name: 'lock_product', runs: '10' },
      { name: 'write-through-begun', runs: '10' },
    ]);
  });

  it('is told as it was made when PostgreSQL has made it and its answers were lost', async () => {
    await using at = await openTestRepositories();
    const product = await someProduct(at.first);
    const { id } = product;
    const { repository } = await at.another({ pool: losingAnswers });
    const priced = await repository.updatePrice({ id, price: '11.00' });
    expect(priced).toMatchObject({
      value: { ...product, price: '11.00', version: 2, updatedAt: expect.any(String) },
      change: { type: 'updated', id, version: 2 },
    });
    expect((await told(at.first.repository.byId(id))).value).toEqual(priced.value);
    const adjusted = await repository.adjustStock({ id, delta: 2 });
    expect(adjusted).toMatchObject({
      value: { stock: 7, version: 3 },
      change: { type: 'stock-adjusted', delta: 2, stock: 7 },
    });
    expect((await told(at.first.repository.byId(id))).value).toEqual(adjusted.value);
  });
});

async function someProduct({ repository }: RepositoryProcess): Promise<Product> {
  const { value } = await repository.createCategory({ name: 'Lamps', slug: 'lamps' });
  const input = { sku: 'S1', name: 'Lamp', price: '10.00', stock: 5, categoryId: value.id };
  return (await repository.create(createProductSchema.parse(input))).value;
}

/** A process, and the names of the statements that went out together for its writes. */
async function watched(at: TestRepositories) {
  const roundTrips: string[][] = [];
  const { repository } = await at.another({
    pool: (pool) => watchedPool(pool, (queries) => roundTrips.push(queries.map(nameOf))),
  });
  return { repository, roundTrips };
}

function nameOf({ name, text }: Query): string {
  return name ?? text.split(' ')[0] ?? '';
}

/** The connection breaks whenever PostgreSQL has done what was sent with COMMIT. */
function losingAnswers(pool: ConnectionPool): ConnectionPool {
  return interceptedPool(pool, async (query, send) => {
    const result = await send();
    if (!['lock_product', 'update_price', 'adjust_stock', 'COMMIT'].includes(nameOf(query))) {
      return result;
    }
    throw new Error('Connection terminated unexpectedly');
  });
}
