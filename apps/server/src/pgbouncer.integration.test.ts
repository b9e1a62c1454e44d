import {
  createTestDatabase,
  findPgBouncer,
  localStack,
  redisKeyPrefix,
  startPgBouncer,
} from '@throughline/local-stack/testing';
import { beforeAll, expect, it } from 'vitest';
import { addProducts } from './testing/add-products.ts';
import { hammer } from './testing/hammer.ts';
import { someProduct, startServer } from './testing/real-service.ts';

const productCount = 40;

beforeAll(async () => {
  await findPgBouncer();
}, 180_000);

it(
  'behind PgBouncer in transaction mode, two processes read and write without an error, and hit the cache',
  { timeout: 120_000 },
  async () => {
    await using database = await createTestDatabase();
    // Fewer than the connections of one process, so that each session serves many of them.
    await using pooler = await startPgBouncer(database.url, 12);
    const stores = {
      DATABASE_URL: pooler.url,
      REDIS_URL: localStack().redisUrl,
      CACHE_NAMESPACE: redisKeyPrefix(),
    };
    await using opened = new AsyncDisposableStack();
    const servers = await Promise.all([startServer(stores), startServer(stores)]);
    for (const server of servers) opened.use(server);
    const [one, other] = servers;
    const told = 'PostgreSQL is behind a pooler: statements are not prepared';
    expect(servers.map(({ process }) => process.messages.includes(told))).toEqual([true, true]);

    const { id, categoryId } = await someProduct(one);
    await addProducts(database.url, { afterId: id, count: productCount, categoryId });
    const loads = servers.map((server) => opened.use(hammer(server, 16, (turn) => ask(turn, id))));
    const calls = () => loads.flatMap((load) => load.calls);
    const count = (kind: string) => calls().filter((call) => call.kind === kind).length;
    await expect
      .poll(() => Math.min(count('read'), 4 * count('write')), { timeout: 60_000 })
      .toBeGreaterThan(600);
    await Promise.all(loads.map(async (load) => load.stop()));
    expect(new Set(calls().map(({ end }) => end))).toEqual(new Set(['ok']));

    const written = await one.client.product.updatePrice.mutate({ id, price: '24.50' });
    expect(await other.client.product.byId.query({ id })).toEqual(written);
    expect(await other.client.cache.status.query()).toMatchObject({
      mode: 'active',
      trusted: true,
    });
    const reset = await other.client.cache.reset.mutate();
    expect(reset).toMatchObject({ epoch: 2 });
  },
);

function ask(turn: number, id: number) {
  const input = { id: id + ((turn * 7) % productCount) };
  if (turn % 4 === 0)
    return { kind: 'write', procedure: 'product.adjustStock', input: { ...input, delta: 1 } };
  if (turn % 4 === 1) {
    return { kind: 'read', procedure: 'product.byCategory', input: { categoryId: 1, limit: 20 } };
  }
  return { kind: 'read', procedure: 'product.byId', input };
}
