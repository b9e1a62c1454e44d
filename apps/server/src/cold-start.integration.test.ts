import { createTestDatabase, startTestRedis } from '@throughline/local-stack/testing';
import { expect, it } from 'vitest';
import { addProducts } from './testing/add-products.ts';
import { type Call, hammer, quantileMs } from './testing/hammer.ts';
import { openServer, type RealService, someProduct, startServer } from './testing/real-service.ts';
import { openTransaction } from './testing/service-on-stores.ts';
import { SessionWatch } from './testing/sessions.ts';

const processCount = 3;
const poolMax = 10;
/** Of one process: its two pools, two for control, one for the lease. */
const connectionsMax = 2 * poolMax + 3;
/** Statements of one process that load records at once, and one of its auditor. */
const loadsMax = 8 + 1;
const productCount = 9_000;
/** More than eight full statements and a full queue hold, at a hundred products each. */
const callers = 65;
/** Of one process: products that may wait for a statement, and what else may. */
const waitingMax = 2_000 + 100;

it(
  'three processes that start on an empty Redis under full load stay within their share of PostgreSQL, and refuse at once what is beyond',
  { timeout: 120_000 },
  async () => {
    await using database = await createTestDatabase();
    await using redis = await startTestRedis();
    const stores = {
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      DATABASE_POOL_MAX: String(poolMax),
    };
    const { id: afterId, categoryId } = await seed(stores);
    await addProducts(database.url, { afterId, count: productCount, categoryId });
    await redis.restart({ data: 'empty' });

    await using watch = new SessionWatch(database.url);
    await using opened = new AsyncDisposableStack();
    const beganMs = performance.now();
    const servers = await Promise.all(
      Array.from({ length: processCount }, async () => opened.use(await openServer(stores))),
    );
    // A reader's worst case: for a while PostgreSQL answers no SELECT at all. From before the first call, which would else
    // fill the cache where the lock is long in coming.
    await using locked = await openTransaction(
      database.url,
      'LOCK TABLE products IN ACCESS EXCLUSIVE MODE',
    );
    const loads = servers.map((server) =>
      opened.use(hammer(server, callers, (turn) => ask(turn, afterId))),
    );
    const waiting: number[] = [];
    await expect
      .poll(
        async () => {
          const states = await Promise.all(
            servers.map(async ({ client }) => client.cache.status.query()),
          );
          waiting.push(...states.map(({ loadsWaiting }) => loadsWaiting));
          return (
            loads.every(({ calls }) => refusals(calls).length > 0) &&
            watch.most.reading > 2 * processCount &&
            Math.max(...waiting) > 100
          );
        },
        { timeout: 20_000 },
      )
      .toBe(true);
    // Refused while PostgreSQL answers nothing: they waited for nobody, and the queue did not grow.
    console.log(`waiting ${waiting.join(', ')}`);
    expect(Math.max(...waiting)).toBeLessThanOrEqual(waitingMax);
    await locked.rollBack();
    const calls = (await Promise.all(loads.map(async (load) => load.stop()))).flat();
    const calmMs = performance.now();
    const hitsMs = await Promise.all(servers.map(async (server) => firstHits(server, afterId)));

    const refused = refusals(calls);
    console.log(
      `most sessions at once ${JSON.stringify(watch.most)} of ${processCount * connectionsMax}`,
    );
    console.log(
      `${calls.length} calls, ${refused.length} refused, p50 ${quantileMs(refused, 0.5)} ms, p99 ${quantileMs(refused, 0.99)} ms`,
    );
    const afterCalm = hitsMs.map((ms) => Math.round(ms - calmMs)).join(', ');
    console.log(
      `hits ${afterCalm} ms after ${Math.round(calmMs - beganMs)} ms of flood, start included`,
    );
    expect(watch.most.all).toBeLessThanOrEqual(processCount * connectionsMax);
    expect(watch.most.reading).toBeLessThanOrEqual(processCount * loadsMax);
    const ends = new Set(calls.map(({ end }) => end));
    expect(ends).toContain('DATABASE_OVERLOADED');
    // A SELECT that the lock keeps for longer than anyone waits ends so, on a machine that is busy with others.
    expect(ends.difference(new Set(['ok', 'DATABASE_OVERLOADED', 'DATABASE_UNAVAILABLE']))).toEqual(
      new Set(),
    );
  },
);

/** A hundred products that nobody else asks for at that time. */
function ask(turn: number, afterId: number) {
  const first = (turn * 100) % (productCount - 100);
  const ids = Array.from({ length: 100 }, (_, index) => afterId + 1 + first + index);
  return { kind: 'read', procedure: 'product.byIds', input: { ids } };
}

function refusals(calls: readonly Call[]): Call[] {
  return calls.filter(({ end }) => end === 'DATABASE_OVERLOADED');
}

async function seed(stores: Record<string, string>) {
  await using service = await startServer(stores);
  return await someProduct(service);
}

/** When a list of products is answered from the cache alone. */
async function firstHits({ url }: RealService, afterId: number): Promise<number> {
  const ids = Array.from({ length: 100 }, (_, index) => afterId + 1 + index);
  const input = encodeURIComponent(JSON.stringify({ ids }));
  const cached = async () =>
    (await fetch(`${url}/product.byIds?input=${input}`)).headers.get('x-cache');
  await expect.poll(cached, { timeout: 30_000 }).toBe('hit');
  return performance.now();
}
