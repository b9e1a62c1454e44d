import { createAppRouter } from '@throughline/api';
import { InMemoryCacheAdmin, InMemoryProducts } from '@throughline/api/testing';
import { PgConnectionPool, withConnection } from '@throughline/write-through/postgres';
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { proceduresOf } from './call-metrics.ts';
import { cacheStatus } from './testing/running-service.ts';
import { inAnHourSeconds, sign } from './testing/tokens.ts';
import { startTracedService, type TracedService } from './testing/traced-service.ts';

/** What nobody may find in a span, a log line or a label. */
const canary = 'Kanarienvogel';
const slug = canary.toLowerCase();
/** Ids stand in the log of changes, and nowhere else. */
const firstId = 734_193_001;

it('what callers send and tables hold stands in no span, no log line and no label', async () => {
  await using traced = await startTracedService({ LOG_LEVEL: 'debug' });
  const { sink, service } = traced;
  await startIdsAt(traced.databaseUrl, firstId);
  const subject = `${canary}-subject`;
  const scope = 'catalog:read catalog:write cache:admin';
  const token = await sign({ sub: subject, scope, exp: inAnHourSeconds });
  await callEverything(traced, token);

  const called = new Set(sink.spans.flatMap(({ name }) => /^trpc.(.*)/.exec(name)?.[1] ?? []));
  const procedures = proceduresOf(routerOfTests()).map(({ path }) => path);
  expect([...called].toSorted()).toEqual(procedures.toSorted());

  const metrics = (await (await fetch(`${service.metricsUrl}/metrics`)).text()).split('\n');
  service.process.kill('SIGTERM');
  expect(await service.process.exited).toBe(0);
  const log = service.process.printed();
  const spans = sink.received;
  // That there is something to find it in.
  expect(linesWith('price changed', log)).toHaveLength(1);
  expect(linesWith('cache step', log).length).toBeGreaterThan(10);
  expect(linesWith('insert_product', spans)).not.toEqual([]);
  expect(linesWith('operation="create"', metrics)).not.toEqual([]);
  for (const secret of [canary, slug, token, token.split('.')[1] ?? token]) {
    expect(linesWith(secret, [...spans, ...log, ...metrics])).toEqual([]);
  }
  const id = String(firstId).slice(0, 6);
  expect(linesWith(id, [...spans, ...metrics])).toEqual([]);
});

function linesWith(text: string, lines: readonly string[]): string[] {
  return lines.filter((line) => line.includes(text));
}

/** Each procedure with an answer, and what else callers can put into a request with a refusal. */
async function callEverything(traced: TracedService, token: string): Promise<void> {
  const send = async (path: string, input: unknown, mutation = false) => {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(mutation && { 'idempotency-key': `${canary}-${randomUUID()}` }),
    };
    const { body } = await traced.traceOf(path, { inputs: [input], mutation, headers });
    return body;
  };
  const change = async (path: string, input: unknown) => send(path, input, true);
  const category = { name: `${canary} category`, slug };
  const categoryId = idOf(await change('category.create', category));
  const product = {
    sku: `${canary}-1`,
    name: `${canary} name`,
    description: `${canary}'s description`,
    price: '19.90',
    stock: 3,
    categoryId,
    images: [{ url: `https://example.com/${canary}.png`, alt: canary }],
  };
  const id = idOf(await change('product.create', product));
  expect(id).toBeGreaterThanOrEqual(firstId);
  await change('product.update', { id, name: `${canary} renamed`, images: product.images });
  await change('product.updatePrice', { id, price: '9.90' });
  await change('product.adjustStock', { id, delta: -1 });
  await change('product.upsertMany', { products: [{ ...product, sku: `${canary}-3` }] });
  await send('product.byId', { id });
  await send('product.byIds', { ids: [id, id + 1] });
  await send('product.byCategory', { categoryId });
  await send('product.search', { query: canary });
  await send('product.popular', {});
  await send('product.changes', { lastEventId: canary });
  await send('category.list', {});
  await send('cache.status', {});
  await send('cache.inspect', { key: `product:${id}` });
  await change('cache.invalidate', { key: `product:${id}` });
  await send('product.byId', { id });
  await change('cache.verify', { sample: 10 });
  await change('cache.warm', { count: 10 });
  await change('product.delete', { id });
  await change('cache.reset', {});

  // Taken, malformed, unknown.
  await change('category.create', category);
  await change('product.create', { ...product, sku: `${canary}-2` });
  await change('product.update', { id: id + 1, sku: `${canary}-2`, expectedVersion: 9 });
  await change('product.create', { ...product, sku: `${canary}-2` });
  await change('product.updatePrice', { id, price: canary });
  await send('product.byId', canary);
  await fetch(`${traced.service.url}/product.byId?input={"id":${canary}}`);
  await send('product.byCategory', { categoryId, cursor: canary });
  await send('cache.inspect', { key: `${canary}:1` });
  await send(`product.${canary}`, {});
  await traced.traceOf('product.byId', { headers: { authorization: `Bearer ${canary}` } });
  await fetch(`${traced.service.url}/${canary}?${canary}=${canary}`, { method: 'PUT' });
}

function idOf(body: unknown): number {
  return z.object({ result: z.object({ data: z.object({ id: z.number() }) }) }).parse(body).result
    .data.id;
}

async function startIdsAt(databaseUrl: string, first: number): Promise<void> {
  const pool = new PgConnectionPool({ databaseUrl, connectionsMax: 1 });
  try {
    await withConnection(pool, async (db) =>
      db.query({ text: `SELECT setval('products_id_seq', $1)`, values: [first] }),
    );
  } finally {
    await pool[Symbol.asyncDispose]();
  }
}

function routerOfTests() {
  const [products, admin] = [new InMemoryProducts(), new InMemoryCacheAdmin()];
  return createAppRouter({ products, admin, status: () => cacheStatus });
}
