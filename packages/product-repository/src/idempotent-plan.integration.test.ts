import { localStack, type SpawnedNode, spawnNode } from '@throughline/local-stack/testing';
import {
  CommitOutcomeUnknownError,
  interceptedStore,
  type Transactions,
} from '@throughline/write-through';
import type { Connection } from '@throughline/write-through/postgres';
import type { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import {
  IdempotencyKeyReusedError,
  ProductNotFoundError,
  StockInsufficientError,
  VersionConflictError,
} from './errors.ts';
import type { IdempotentRequest } from './idempotent-plan.ts';
import type { OperationResult } from './operation-result.ts';
import { type CreateProduct, createProductSchema, type Product } from './product.ts';
import { ProductRepository } from './product-repository.ts';
import {
  openTestRepositories,
  type RepositoryProcess,
  type TestRepositories,
} from './testing/test-repository.ts';
import { told } from './testing/told.ts';

const patience = { timeout: 15_000 };
let made = 0;

function newProduct(categoryId: number, fields: Partial<CreateProduct> = {}): CreateProduct {
  made += 1;
  const input = { sku: `S${made}`, name: `Lamp ${made}`, price: '10.00', stock: 5, categoryId };
  return createProductSchema.parse({ ...input, ...fields });
}

async function someProduct({ repository }: RepositoryProcess): Promise<Product> {
  made += 1;
  const category = await repository.createCategory({ name: 'Lamps', slug: `lamps-${made}` });
  return (await repository.create(newProduct(category.value.id))).value;
}

function keyed(
  key: string,
  { procedure = 'product.adjustStock', subject = 'someone' }: Partial<IdempotentRequest> = {},
): IdempotentRequest {
  return { subject, procedure, key };
}

async function stored({ catalogue }: TestRepositories, id: number): Promise<unknown> {
  const db = await catalogue.connect();
  const { rows } = await db.query('SELECT stock, version FROM products WHERE id = $1', [id]);
  return rows[0];
}

async function keysKept(db: Client): Promise<string[]> {
  const { rows } = await db.query<{ key: string }>('SELECT key FROM idempotency_keys ORDER BY key');
  return rows.map(({ key }) => key);
}

/** Makes what is kept under the keys older. */
async function age(db: Client, keys: readonly string[], interval: string): Promise<void> {
  await db.query(
    `UPDATE idempotency_keys SET created_at = created_at - $2::interval WHERE key = ANY($1)`,
    [keys, interval],
  );
}

/** One call, to be made as often as one likes. */
type Call = (
  repository: ProductRepository,
  request: IdempotentRequest,
) => Promise<OperationResult<unknown>>;

/**
 * Calls of every mutation that are refused, or change something again, when they are repeated without a key; and
 * what is left of a product at version 1 with a stock of 5 when they took place once.
 */
const mutations: readonly [string, (product: Product) => Call, unknown][] = [
  [
    'product.create',
    ({ categoryId }) => {
      const images = [{ url: 'https://images.example/1', alt: 'é' }];
      const input = newProduct(categoryId, { images });
      return async (repository, request) => repository.create(input, request);
    },
    { stock: 5, version: 1 },
  ],
  [
    'product.update',
    ({ id, version: expectedVersion }) =>
      async (repository, request) =>
        repository.update({ id, name: 'Renamed', expectedVersion }, request),
    { stock: 5, version: 2 },
  ],
  [
    'product.updatePrice',
    ({ id, version: expectedVersion }) =>
      async (repository, request) =>
        repository.updatePrice({ id, price: '19.90', expectedVersion }, request),
    { stock: 5, version: 2 },
  ],
  [
    'product.adjustStock',
    ({ id }) =>
      async (repository, request) =>
        repository.adjustStock({ id, delta: -3 }, request),
    { stock: 2, version: 2 },
  ],
  [
    'product.delete',
    ({ id }) =>
      async (repository, request) =>
        repository.delete({ id }, request),
    undefined,
  ],
  [
    'category.create',
    ({ id }) => {
      const input = { name: 'Desks', slug: `desks-${id}-${(made += 1)}` };
      return async (repository, request) => repository.createCategory(input, request);
    },
    { stock: 5, version: 1 },
  ],
];

describe('a mutation that is repeated with its idempotency key', () => {
  it.each(mutations)('%s gets the first answer and changes nothing', async (procedure, callOf) => {
    await using at = await openTestRepositories();
    const steps: string[] = [];
    const other = await at.another({
      store: (store) =>
        interceptedStore(store, async (step, send) => {
          steps.push(step);
          return send();
        }),
    });
    const product = await someProduct(at.first);
    const call = callOf(product);
    const request = keyed('k', { procedure });
    const first = await call(at.first.repository, request);
    expect(first).toMatchObject({ outcome: 'published' });
    expect(first).not.toHaveProperty('replayed');
    // Meanwhile the product changes, unless it is gone.
    await Promise.allSettled([at.first.repository.updatePrice({ id: product.id, price: '77.00' })]);
    const before = await stored(at, product.id);

    const again = await call(other.repository, request);
    expect(again).toEqual({ outcome: 'none', value: first.value, replayed: true });
    expect(JSON.stringify(again.value)).toBe(JSON.stringify(first.value));
    expect(await stored(at, product.id)).toEqual(before);
    for (const step of ['intend', 'publish', 'abandon']) expect(steps).not.toContain(step);
  });

  it.each(mutations)('%s twenty times at once takes place once', async (procedure, callOf, row) => {
    await using at = await openTestRepositories();
    const processes = [at.first, await at.another()];
    const product = await someProduct(at.first);
    const call = callOf(product);
    const results = await Promise.all(
      Array.from({ length: 20 }, async (_, index) =>
        call((processes[index % 2] ?? at.first).repository, keyed('k', { procedure })),
      ),
    );
    expect(results.filter(({ replayed }) => replayed)).toHaveLength(19);
    for (const { value } of results) expect(value).toEqual(results[0]?.value);
    expect(results.filter(({ change }) => change).length).toBeLessThanOrEqual(1);
    expect(await stored(at, product.id)).toEqual(row);
  });
});

describe('an idempotency key', () => {
  it('that stands for another input is refused, and changes nothing', async () => {
    await using at = await openTestRepositories();
    const { repository } = at.first;
    const { id } = await someProduct(at.first);
    await repository.adjustStock({ id, delta: 1 }, keyed('k'));
    const other = repository.adjustStock({ id, delta: 2 }, keyed('k'));
    await expect(other).rejects.toThrow(IdempotencyKeyReusedError);
    expect(await stored(at, id)).toEqual({ stock: 6, version: 2 });
  });

  it('stands for an input in whatever form it comes, as long as it means the same', async () => {
    await using at = await openTestRepositories();
    const { repository } = at.first;
    const { categoryId } = await someProduct(at.first);
    const request = keyed('k', { procedure: 'product.create' });
    const image = { url: 'https://images.example/1', alt: '' };
    const short = `{"sku":"X","name":"X","price":"1.00","categoryId":${categoryId},
      "images":[{"url":"https://images.example/1"}]}`;
    const long = {
      stock: 0,
      images: [{ alt: image.alt, url: image.url }],
      categoryId,
      price: '1.00',
    };
    const parsedShort: object = JSON.parse(short);
    const first = await repository.create(createProductSchema.parse(parsedShort), request);
    const full = createProductSchema.parse({ description: '', name: 'X', ...long, sku: 'X' });
    expect(await repository.create(full, request)).toMatchObject({
      value: first.value,
      replayed: true,
    });
    const twice = createProductSchema.parse({ ...full, images: [image, image] });
    await expect(repository.create(twice, request)).rejects.toThrow(IdempotencyKeyReusedError);
  });

  it('of another subject, or of another procedure, is another key', async () => {
    await using at = await openTestRepositories();
    const { repository } = at.first;
    const { id } = await someProduct(at.first);
    for (const subject of ['someone', 'else', 'else\0', 'x'.repeat(10_000), null]) {
      await repository.adjustStock({ id, delta: 1 }, keyed('k', { subject }));
    }
    expect(await stored(at, id)).toEqual({ stock: 10, version: 6 });
    await repository.updatePrice(
      { id, price: '1.00' },
      keyed('k', { procedure: 'product.updatePrice' }),
    );
    expect(await stored(at, id)).toEqual({ stock: 10, version: 7 });
  });

  it('is free again after a refusal', async () => {
    await using at = await openTestRepositories();
    const { repository } = at.first;
    const { id, categoryId } = await someProduct(at.first);
    const take = async () => repository.adjustStock({ id, delta: -6 }, keyed('stock'));
    await expect(take()).rejects.toThrow(StockInsufficientError);
    const rename = async () =>
      repository.update({ id, name: 'B', expectedVersion: 2 }, keyed('version'));
    await expect(rename()).rejects.toThrow(VersionConflictError);
    const adjustNext = async () =>
      repository.adjustStock({ id: id + 1, delta: 1 }, keyed('missing'));
    await expect(adjustNext()).rejects.toThrow(ProductNotFoundError);
    const db = await at.catalogue.connect();
    expect(await keysKept(db)).toEqual([]);

    await repository.adjustStock({ id, delta: 1 });
    expect((await repository.create(newProduct(categoryId))).value.id).toBe(id + 1);
    expect((await rename()).value).toMatchObject({ name: 'B', version: 3 });
    expect((await take()).value).toMatchObject({ stock: 0, version: 4 });
    expect((await adjustNext()).value).toMatchObject({ stock: 6 });
    expect(await keysKept(db)).toEqual(['missing', 'stock', 'version']);
  });

  it('counts as new after a day, deleted or not', async () => {
    await using at = await openTestRepositories();
    const { repository } = at.first;
    const { id } = await someProduct(at.first);
    const db = await at.catalogue.connect();
    const adjust = async (delta: number) => repository.adjustStock({ id, delta }, keyed('k'));
    await adjust(1);
    await age(db, ['k'], '23 hours 59 minutes');
    expect(await adjust(1)).toMatchObject({ replayed: true, value: { stock: 6 } });
    await age(db, ['k'], '1 minute');
    expect(await adjust(2)).toMatchObject({ outcome: 'published', value: { stock: 8 } });
    expect(await adjust(2)).toMatchObject({ replayed: true, value: { stock: 8 } });
    expect(await keysKept(db)).toEqual(['k']);
  });

  it('that was claimed outside a transaction, as BEGIN alone had failed, is free', async () => {
    await using at = await openTestRepositories();
    const { repository } = at.first;
    const { id } = await someProduct(at.first);
    const adjust = async () => repository.adjustStock({ id, delta: 1 }, keyed('k'));
    await adjust();
    const db = await at.catalogue.connect();
    await db.query('UPDATE idempotency_keys SET answer = NULL');
    expect(await adjust()).toMatchObject({ outcome: 'published', value: { stock: 7 } });
    expect(await adjust()).toMatchObject({ replayed: true, value: { stock: 7 } });
  });

  it('is deleted after a day, so many at a time, unless somebody is claiming it', async () => {
    await using at = await openTestRepositories();
    const { repository, pool } = at.first;
    const { id } = await someProduct(at.first);
    const keys = ['a', 'b', 'c', 'd', 'e'];
    for (const key of keys) await repository.adjustStock({ id, delta: 1 }, keyed(key));
    const [db, claiming] = [await at.catalogue.connect(), await at.catalogue.connect()];
    await age(db, ['a', 'b', 'c', 'd'], '1 day');
    await claiming.query('BEGIN');
    await claiming.query(`SELECT FROM idempotency_keys WHERE key = 'a' FOR UPDATE`);
    expect(await ProductRepository.deleteExpiredKeys(pool, 2)).toBe(2);
    expect(await ProductRepository.deleteExpiredKeys(pool, 2)).toBe(1);
    expect(await ProductRepository.deleteExpiredKeys(pool, 2)).toBe(0);
    expect(await keysKept(db)).toEqual(['a', 'e']);
    await claiming.query('ROLLBACK');
    expect(await ProductRepository.deleteExpiredKeys(pool, 2)).toBe(1);
  });
});

/** The answer to every COMMIT is lost, and PostgreSQL forgets what became of it. */
function withoutOutcome(transactions: Transactions<Connection>): Transactions<Connection> {
  return {
    statuses: async (xids) => transactions.statuses(xids),
    begin: async (open) => {
      const transaction = await transactions.begin(open);
      return {
        db: transaction.db,
        last: transaction.last,
        ask: async (question) => transaction.ask(question),
        xid: transaction.xid,
        epochRow: transaction.epochRow,
        rollback: async () => transaction.rollback(),
        status: async () => 'lost',
        commit: async () => {
          await transaction.commit();
          return 'unknown';
        },
      };
    },
  };
}

describe('a caller that does not know what became of its mutation', () => {
  it('gets the first answer with the same key when the answer to COMMIT was lost', async () => {
    await using at = await openTestRepositories();
    const { id } = await someProduct(at.first);
    const losing = await at.another({ transactions: withoutOutcome });
    const input = { id, delta: 1 };
    const lost = losing.repository.adjustStock(input, keyed('k'));
    await expect(lost).rejects.toThrow(CommitOutcomeUnknownError);
    expect(await at.first.repository.adjustStock(input, keyed('k'))).toMatchObject({
      replayed: true,
      value: { stock: 6, version: 2 },
    });
    expect(await stored(at, id)).toEqual({ stock: 6, version: 2 });
    expect((await told(at.first.repository.byId(id))).value).toMatchObject({
      stock: 6,
      version: 2,
    });
  });

  it('makes the change with the same key when the process was killed before COMMIT', async () => {
    await using at = await openTestRepositories();
    const { id } = await someProduct(at.first);
    await using writer = await stoppedWriter(at, id, 'before commit');
    const again = at.first.repository.adjustStock({ id, delta: 1 }, keyed('killed'));
    const db = await at.catalogue.connect();
    await expect.poll(async () => waitsForKey(db), patience).toBe(true);
    writer.kill('SIGKILL');
    const answer = await again;
    expect(answer).toMatchObject({ value: { stock: 6, version: 2 }, change: { version: 2 } });
    expect(answer).not.toHaveProperty('replayed');
    await expectOnce(at, id);
  });

  it('gets the first answer with the same key when the process was killed after COMMIT', async () => {
    await using at = await openTestRepositories();
    const { id } = await someProduct(at.first);
    await using writer = await stoppedWriter(at, id, 'after commit');
    writer.kill('SIGKILL');
    await writer.exit;
    const again = await at.first.repository.adjustStock({ id, delta: 1 }, keyed('killed'));
    expect(again).toMatchObject({ value: { stock: 6, version: 2 }, replayed: true });
    await expectOnce(at, id);
  });
});

/** A process that adjusts the stock by 1 with the key `killed`, and has come so far. */
async function stoppedWriter(at: TestRepositories, id: number, stop: string): Promise<SpawnedNode> {
  const file = new URL('testing/stopping-mutation.ts', import.meta.url).pathname;
  const { redisUrl } = localStack();
  const writer = spawnNode(file, { args: [at.catalogue.url, redisUrl, at.prefix, `${id}`, stop] });
  await writer.waitForLine(/^stopped$/);
  return writer;
}

async function expectOnce(at: TestRepositories, id: number): Promise<void> {
  expect(await stored(at, id)).toEqual({ stock: 6, version: 2 });
  expect(await keysKept(await at.catalogue.connect())).toEqual(['killed']);
  expect((await told(at.first.repository.byId(id))).value).toMatchObject({ stock: 6, version: 2 });
}

/** Whether a transaction waits for another one that has claimed the same key. */
async function waitsForKey(db: Client): Promise<boolean> {
  const { rows } = await db.query(
    `SELECT FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'
        AND query LIKE '%INSERT INTO idempotency_keys%'`,
  );
  return rows.length > 0;
}
