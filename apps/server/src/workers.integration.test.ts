import { expect, it } from 'vitest';
import { z } from 'zod';
import { type Ask, hammer } from './testing/hammer.ts';
import { someProduct } from './testing/real-service.ts';
import { scrape } from './testing/scrape.ts';
import { openService } from './testing/service-on-stores.ts';

const callers = 12;

it(
  'a rolling restart on real stores fails no read and no write, and loses no count of them',
  { timeout: 120_000 },
  async () => {
    await using opened = await openService({ SERVER_WORKERS: '2', DATABASE_POOL_MAX: '5' });
    const { service } = opened;
    const { id, stock } = await someProduct(service);
    await service.process.line('all workers are ready');
    const before = await scrape(service);
    const calls = await (async () => {
      await using load = hammer(service, callers, (turn): Ask => {
        return turn % 4 === 0
          ? { kind: 'write', procedure: 'product.adjustStock', input: { id, delta: 1 } }
          : { kind: 'read', procedure: 'product.byId', input: { id } };
      });
      await expect.poll(() => load.calls.length, { timeout: 30_000 }).toBeGreaterThan(callers);
      service.process.kill('SIGHUP');
      await service.process.line('all workers were replaced');
      const answered = load.calls.length;
      await expect
        .poll(() => load.calls.length, { timeout: 30_000 })
        .toBeGreaterThan(answered + 50);
      return load.stop();
    })();
    expect(calls.filter(({ end }) => end !== 'ok')).toEqual([]);
    const writes = calls.filter(({ kind }) => kind === 'write').length;
    expect(writes).toBeGreaterThan(5);
    expect((await service.client.product.byId.query({ id })).stock).toBe(stock + writes);
    const after = await scrape(service);
    const counted = (page: typeof after, operation: string) =>
      page.value('trpc_requests_total', { operation, code: 'OK' }) ?? 0;
    expect(counted(after, 'adjustStock') - counted(before, 'adjustStock')).toBe(writes);
    expect(counted(after, 'byId') - counted(before, 'byId')).toBe(calls.length - writes + 1);
    expect(after.value('cache_mode', { state: 'active' })).toBe(1);
    expect(after.value('redis_client_connected')).toBe(1);
    expect(after.value('db_pool_connections_max', { pool: 'reads' })).toBe(10);
    expect(after.value('service_workers', { state: 'ready' })).toBe(2);
    const { client } = service;
    expect(await client.cache.verify.mutate({ sample: 10 })).toMatchObject({ different: 0 });
  },
);

it('workers say in their lines who they are, and one of them warms the cache', async () => {
  await using opened = await openService({ SERVER_WORKERS: '2', CACHE_WARM_COUNT: '5' });
  const { service } = opened;
  const { connectionsMax } = lineIn(service.process.printed(), 'several workers serve');
  expect(connectionsMax).toBe(2 * (2 * 20 + 5));
  await service.process.line('all workers are ready');
  const ended = service.process.printed().filter((line) => line.includes('"warm-up ended"'));
  expect(ended).toHaveLength(1);
  expect(lineIn(ended, 'warm-up ended')['worker']).toBe(1);
});

function lineIn(printed: readonly string[], msg: string): Record<string, unknown> {
  const found = printed.find((line) => line.includes(`"msg":"${msg}"`));
  return z.record(z.string(), z.unknown()).parse(JSON.parse(found ?? '{}'));
}
