import { PostgresServer, RedisServer } from '@throughline/local-stack';
import { SignJWT } from 'jose';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { databaseBytes, makeCatalogue } from './catalogue.ts';

import { redisMemory } from './redis-memory.ts';
import { type Program, startProgram } from './program.ts';
import { type Call, mutation, query } from './workloads/calls.ts';
import { load, type LoadResult } from './workloads/load.ts';

/**
 * Measures what one entry takes in Redis, one product in PostgreSQL, and one call of CPU time: what
 * docs/capacity.md reckons with.
 *
 * Local stores → a catalogue → one service process → every product is read once → calls of one kind at a time.
 */
const { values } = parseArgs({
  options: {
    products: { type: 'string', default: '20000' },
    seconds: { type: 'string', default: '10' },
  },
});
const integer = z.coerce.number().int().positive();
const products = integer.parse(values.products);
const seconds = integer.parse(values.seconds);
const connections = 64;
/** Of `product.byIds`. */
const idsMax = 100;

await using opened = new AsyncDisposableStack();
const postgres = opened.use(await PostgresServer.start({}));
const redis = opened.use(await RedisServer.start({}));
const secret = randomBytes(32).toString('hex');
const environment = {
  DATABASE_URL: postgres.url,
  REDIS_URL: redis.url,
  AUTH_JWT_SECRET: secret,
  CACHE_WARM_COUNT: '0',
};
// The first start migrates.
await (await startService(environment))[Symbol.asyncDispose]();
const emptyDatabase = await databaseBytes(postgres.url);
await makeCatalogue(postgres.url, { products, categories: 'even' });
const service = opened.use(await startService(environment));
const token = await new SignJWT({ scope: 'catalog:read catalog:write cache:admin' })
  .setProtectedHeader({ alg: 'HS256' })
  .setSubject('capacity')
  .setExpirationTime('1 hour')
  .sign(new TextEncoder().encode(secret));

const emptyRedis = await redisMemory(redis.url);
for (let first = 1; first <= products; first += idsMax) {
  const ids = Array.from({ length: Math.min(idsMax, products - first + 1) }, (_, of) => first + of);
  await load({
    ...target(),
    connections: 1,
    seconds: 0,
    call: () => query('product.byIds', { ids }),
  });
}
const fullRedis = await redisMemory(redis.url);
const fullDatabase = await databaseBytes(postgres.url);
const entries = fullRedis.keys - emptyRedis.keys;

console.log(
  `${products} products, ${connections} connections, ${seconds} s for each kind of call\n`,
);
console.table({
  'entries in Redis': entries,
  'Redis, bytes for an entry': Math.round((fullRedis.usedBytes - emptyRedis.usedBytes) / entries),
  'bytes of an answer': await answerBytes(),
  'PostgreSQL, bytes for a product': Math.round(
    (fullDatabase.catalogue - emptyDatabase.catalogue) / products,
  ),
});

const random = (max: number) => 1 + Math.floor(Math.random() * max);
const kinds: Readonly<Record<string, () => Call>> = {
  'product.byId, hit': () => query('product.byId', { id: random(products) }),
  'product.byIds, 20 hits': () =>
    query('product.byIds', { ids: Array.from({ length: 20 }, () => random(products)) }),
  'product.byCategory, 50 hits': () =>
    query('product.byCategory', { categoryId: random(Math.ceil(products / 200)), limit: 50 }),
  'product.updatePrice': () =>
    mutation('product.updatePrice', { id: random(products), price: `${random(999)}.90` }),
};
const rows: Record<string, object> = {};
for (const [name, call] of Object.entries(kinds)) {
  // The first calls of a kind compile it.
  await load({ ...target(), connections, seconds: 1, call });
  const cpuBefore = await service.metric('process_cpu_seconds_total');
  const result = await load({ ...target(), connections, seconds, call });
  rows[name] = row(result, (await service.metric('process_cpu_seconds_total')) - cpuBefore);
}
console.table(rows);
const residentBytes = await service.metric('process_resident_memory_bytes');
console.log(`The service process holds ${Math.round(residentBytes / 1e6)} MB.`);

async function startService(settings: Readonly<Record<string, string>>): Promise<Program> {
  const file = path.resolve(import.meta.dirname, '../../apps/server/src/main.ts');
  return startProgram({ file, environment: { ...settings, LOG_LEVEL: 'info' } });
}

function target() {
  return { trpcUrl: service.trpcUrl, token, signed: 'all' as const };
}

async function answerBytes(): Promise<number> {
  const answer = await fetch(`${service.trpcUrl}/${query('product.byId', { id: 1 }).path}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return (await answer.bytes()).length;
}

function row({ calls, perSecond, p50Ms, p99Ms }: LoadResult, cpuSeconds: number): object {
  return {
    'calls/s': Math.round(perSecond),
    'p50 ms': Number(p50Ms.toFixed(1)),
    'p99 ms': Number(p99Ms.toFixed(1)),
    'CPU µs/call': Math.round((cpuSeconds / calls) * 1e6),
    'calls/s of a whole core': Math.round(calls / cpuSeconds),
  };
}
