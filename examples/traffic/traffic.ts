import { createClient, failureOf, type ThroughlineClient } from '@throughline/client';
import { SignJWT } from 'jose';
import { env } from 'node:process';
import { setTimeout } from 'node:timers/promises';

/**
 * Traffic of every kind until it is stopped: hits, misses, lists, batches, writes, and calls that are refused. A round
 * begins each 100 ms or `ROUND_MS`, whether or not those before it have ended, as users come without asking how busy
 * the service is. It makes the products that it needs.
 */
const url = env['URL'] ?? 'http://127.0.0.1:3000/trpc';
const secret = new TextEncoder().encode(env['AUTH_JWT_SECRET'] ?? '');
const client = createClient({ url, token });
const stranger = createClient({ url, token: 'not a token', retryForMs: 0 });
const roundMs = Number(env['ROUND_MS'] ?? 100);
const productsMin = 50;
/** So many users wait at once; those who come later go away. */
const roundsAtOnceMax = 50;

function token(): Promise<string> {
  return new SignJWT({ scope: 'catalog:read catalog:write cache:admin' })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject('traffic')
    .setExpirationTime('5 minutes')
    .sign(secret);
}

/** Few products have most of the reads, as in every shop. */
function pick(ids: readonly number[]): number {
  return ids[Math.floor(ids.length * Math.random() ** 3)] ?? 1;
}

interface Made {
  readonly categoryId: number;
  readonly ids: readonly number[];
}

async function makeProducts(to: ThroughlineClient): Promise<Made> {
  const name = `traffic-${String(Date.now())}`;
  const category = await to.category.create.mutate({ name, slug: name });
  const ids: number[] = [];
  for (let index = 0; index < productsMin; index += 1) {
    const sku = `T-${String(Date.now())}-${String(index)}`;
    const input = { sku, name: `Product ${sku}`, price: '9.90', stock: 1000 };
    const { id } = await to.product.create.mutate({ ...input, categoryId: category.id });
    ids.push(id);
  }
  return { categoryId: category.id, ids };
}

async function round({ categoryId, ids }: Made): Promise<void> {
  const id = pick(ids);
  const price = `${String(1 + Math.floor(Math.random() * 99))}.90`;
  await Promise.allSettled([
    client.product.byId.query({ id: pick(ids) }),
    client.product.byId.query({ id: pick(ids) }),
    client.product.byIds.query({ ids: [pick(ids), pick(ids) + 1] }),
    client.product.byId.query({ id: 2_000_000_000 }),
    client.product.popular.query({ limit: 10 }),
    client.category.list.query({}),
    client.product.updatePrice.mutate({ id, price }),
  ]);
  if (Math.random() < 0.1) await rarely(id, categoryId);
}

/** A page, a search, an entry dropped so that the next read misses, a conflict, and a caller without rights. */
async function rarely(id: number, categoryId: number): Promise<void> {
  await Promise.allSettled([
    client.product.byCategory.query({ categoryId }),
    client.product.search.query({ query: 'product' }),
    client.cache.invalidate.mutate({ key: `product:${String(id)}` }),
    client.product.adjustStock.mutate({ id, delta: -1, expectedVersion: 1 }),
    stranger.product.byId.query({ id }),
  ]);
}

/** A service that is not there yet, or not any more, is waited for. */
async function patiently<Result>(work: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await work();
    } catch (err) {
      console.log(failureOf(err).message);
      await setTimeout(1000);
    }
  }
}

const made = await patiently(() => makeProducts(client));
console.log(`Made ${String(made.ids.length)} products at ${url}; calling until stopped.`);
let running = 0;
for (;;) {
  if (running < roundsAtOnceMax) {
    running += 1;
    void round(made).finally(() => (running -= 1));
  }
  await setTimeout(roundMs);
}
