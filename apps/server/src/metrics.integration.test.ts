import { checkMetrics } from '@throughline/local-stack';
import { localStack, startTestRedis } from '@throughline/local-stack/testing';
import { describe, expect, it } from 'vitest';
import { someProduct } from './testing/real-service.ts';
import { scrape } from './testing/scrape.ts';
import { openRedis, openService, read } from './testing/service-on-stores.ts';

const patience = { timeout: 30_000, interval: 200 };

describe('the metrics of a service on real stores', () => {
  it('tell of calls, batches, refusals, steps, statements, pools and the process', async () => {
    await using opened = await openService();
    const { service } = opened;
    const begun = await scrape(service);
    expect(begun.value('trpc_requests_total')).toBe(0);
    expect(begun.value('cache_requests_total')).toBe(0);

    const { id } = await someProduct(service);
    await read(service, [id]);
    await read(service, [id, id]);
    await fetch(`${service.url}/product.nothing?input=%7B%7D`);
    await fetch(`${service.url}/${'x'.repeat(20_000)}`);
    await fetch(`${service.url}/product.byId,${'product.byId,'.repeat(200)}product.byId?batch=1`);
    await fetch(`${service.url}/product.byId`, { headers: { authorization: 'Bearer forged' } });

    const now = await scrape(service);
    const calls = (labels: Record<string, string>) => now.value('trpc_requests_total', labels);
    expect(calls({ operation: 'byId', type: 'query', code: 'OK', error_class: 'none' })).toBe(3);
    expect(calls({ operation: 'create', type: 'mutation', code: 'OK' })).toBe(1);
    expect(calls({ operation: 'unknown', code: 'NOT_FOUND', error_class: 'client' })).toBe(1);
    expect(calls({ operation: 'byId', code: 'UNAUTHORIZED', error_class: 'client' })).toBe(1);
    expect(calls({ error_class: 'server' })).toBe(0);
    expect(now.value('trpc_requests_in_flight')).toBe(0);
    // Those that tRPC saw: two that write, a read, a batch of two, an unknown one, one with a forged token.
    expect(now.value('trpc_batch_size_count')).toBe(6);
    expect(now.value('trpc_batch_size_sum')).toBe(7);
    expect(now.value('http_rejected_total', { reason: 'size' })).toBe(1);
    expect(now.value('http_rejected_total', { reason: 'batch' })).toBe(1);
    expect(now.value('http_rejected_total', { reason: 'auth' })).toBe(1);

    const step = (name: string, outcome: string) =>
      now.value('cache_step_duration_seconds_count', { step: name, outcome });
    expect(step('get', 'answered')).toBeGreaterThanOrEqual(2);
    expect(step('publish', 'applied')).toBeGreaterThanOrEqual(2);
    const command = (name: string) =>
      now.value('redis_client_command_duration_seconds_count', { command: name, outcome: 'ok' });
    expect(command('MGET')).toBeGreaterThanOrEqual(2);
    expect(command('EVALSHA')).toBeGreaterThanOrEqual(2);
    expect(now.value('redis_client_connected')).toBe(1);
    expect(now.value('redis_client_reconnects_total')).toBe(0);
    const query = (name: string) =>
      now.value('db_query_duration_seconds_count', { query_name: name, outcome: 'ok' });
    expect(query('insert_product')).toBe(1);
    expect(query('begin')).toBeGreaterThanOrEqual(2);
    expect(now.value('db_pool_connections_max', { pool: 'writes' })).toBe(20);
    expect(now.value('db_pool_connections', { pool: 'writes', state: 'idle' })).toBeGreaterThan(0);
    expect(now.value('db_pool_waiting', { pool: 'reads' })).toBe(0);
    const acquired = now.value('db_pool_acquire_duration_seconds_count', { pool: 'writes' });
    expect(acquired).toBeGreaterThanOrEqual(2);

    expect(now.value('nodejs_eventloop_utilization_ratio')).toBeGreaterThan(0);
    expect(now.value('nodejs_heap_size_limit_bytes')).toBeGreaterThan(1e8);
    expect(now.value('telemetry_series')).toBeGreaterThan(200);
    expect(now.value('telemetry_scrape_duration_seconds')).toBeGreaterThan(0);
    expect(now.value('app_build_info', { version: '0.1.0', commit: 'abc123' })).toBe(1);
    await expect(checkMetrics(toPlainText(now.text))).resolves.toBeUndefined();
  });

  it('are what cache.status tells of the same process', async () => {
    await using opened = await openService();
    const { service } = opened;
    const { id } = await someProduct(service);
    await read(service, [id, id + 1000]);
    const { process, reads, hitRatio, latencies, leaseLeftMs } =
      await service.client.cache.status.query();
    const now = await scrape(service);

    expect(process).toEqual({
      pid: expect.any(Number),
      worker: null,
      startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    });
    const startedAt = now.value('process_start_time_seconds') ?? 0;
    expect(Math.abs(Date.parse(process.startedAt) / 1000 - startedAt)).toBeLessThan(2);
    expect(leaseLeftMs).toBeGreaterThan(0);

    const outcomes = ['hit', 'negative', 'miss', 'pending', 'bypass', 'error'] as const;
    for (const result of outcomes) {
      expect([result, reads[result]]).toEqual([
        result,
        now.value('cache_requests_total', { result }),
      ]);
    }
    const all = outcomes.reduce((sum, result) => sum + reads[result], 0);
    expect(all).toBeGreaterThan(0);
    expect(hitRatio).toBe((reads.hit + reads.negative) / all);

    expect(latencies.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['read', 'write']));
    for (const { kind, cacheSuccess, buckets, count, sumMs } of latencies) {
      const told = (suffix: string, labels = {}) =>
        now.value(`product_${kind}_duration_seconds_${suffix}`, {
          cache_success: cacheSuccess,
          ...labels,
        });
      expect(count).toBe(told('count'));
      expect(sumMs / 1000).toBeCloseTo(told('sum') ?? 0, 9);
      expect(buckets).toHaveLength(13);
      for (const bucket of buckets) {
        expect(bucket.count).toBe(told('bucket', { le: String(bucket.upToMs / 1000) }));
      }
    }
  });

  it('tell of reads, misses, writes, ages and sizes, by kind of record', async () => {
    await using opened = await openService();
    const { service } = opened;
    const { id, categoryId } = await someProduct(service);
    await read(service, [id]);
    const negative = async () => {
      await read(service, [id + 1000]);
      const labels = { namespace: 'product', result: 'negative' };
      return (await scrape(service)).value('cache_requests_total', labels);
    };
    await expect.poll(negative, patience).toBeGreaterThan(0);
    await service.client.product.byCategory.query({ categoryId });
    const now = await scrape(service);
    const product = { namespace: 'product' };
    const result = (name: string) =>
      now.value('cache_requests_total', { ...product, result: name });
    // The product, and once more on the page of its category.
    expect(result('hit')).toBe(2);
    expect(result('miss')).toBeGreaterThan(0);
    expect(result('error')).toBe(0);
    expect(now.value('cache_misses_total', { ...product, reason: 'absent' })).toBeGreaterThan(0);
    expect(now.value('cache_database_reads_total', { cause: 'miss' })).toBeGreaterThanOrEqual(2);
    expect(now.value('cache_requests_total', { namespace: 'category-page', result: 'miss' })).toBe(
      1,
    );
    expect(now.value('cache_entry_age_seconds_count', product)).toBeGreaterThan(2);
    expect(now.value('cache_writes_total', { ...product, outcome: 'published' })).toBe(1);
    expect(now.value('cache_writes_total', { outcome: 'rejected' })).toBe(0);
    expect(now.value('cache_commit_to_visible_seconds_count', product)).toBe(1);
    expect(now.value('cache_value_bytes_sum', product)).toBeGreaterThan(100);
    expect(now.value('cache_epoch')).toBe(1);
    expect(now.value('cache_mode', { state: 'active' })).toBe(1);
    expect(now.value('cache_mode', { state: 'bypass' })).toBe(0);
    expect(now.value('cache_mode_transitions_total', { state: 'active' })).toBe(1);
    expect(now.value('cache_trust_lease_remaining_seconds')).toBeGreaterThan(0);
    expect(now.value('cache_trust_lease_remaining_seconds')).toBeLessThan(1);
    expect(now.value('cache_outbox_backlog')).toBe(0);
    expect(now.value('cache_outbox_lag_seconds')).toBe(0);
    expect(now.value('cache_warmed_entries')).toBe(0);
    expect(now.value('cache_warm_duration_seconds')).toBeGreaterThan(0);
    const pending = async () => (await scrape(service)).value('cache_pending_entries');
    await expect.poll(pending, patience).toBe(0);
  });

  it('tell of reads that share a flight', async () => {
    await using opened = await openService();
    const { service } = opened;
    const { id } = await someProduct(service);
    const joined = async () => {
      // Nobody has these: each read of the first kind flies, and those that come together board one flight.
      const ids = Array.from({ length: 20 }, (_, index) => id + 5000 + index);
      await Promise.all(
        ids.flatMap((one) => Array.from({ length: 5 }, () => read(service, [one]))),
      );
      return (await scrape(service)).value('cache_flights_joined_total', { namespace: 'product' });
    };
    expect(await joined()).toBeGreaterThan(0);
  });

  it('tell of an entry whose bytes are none of ours, and of one that is old', async () => {
    await using opened = await openService();
    const { service, prefix } = opened;
    const { id } = await someProduct(service);
    await using redis = await openRedis(localStack().redisUrl);
    const [entry = ''] = await redis.keys(`${prefix}:*:product:${id}`);
    await redis.copy(entry, `${entry}:old`);
    await service.client.product.updatePrice.mutate({ id, price: '24.50' });

    await redis.set(entry, 'these are no bytes of ours');
    await read(service, [id]);
    const garbled = await scrape(service);
    const reason = { namespace: 'product', reason: 'decode_error' };
    expect(garbled.value('cache_misses_total', reason)).toBe(1);
    expect(garbled.value('cache_audits_total', { result: 'violation' })).toBe(0);

    await redis.copy(`${entry}:old`, entry, { REPLACE: true });
    const violations = async () => {
      await Promise.all(Array.from({ length: 100 }, () => read(service, [id])));
      return (await scrape(service)).value('cache_audits_total', { result: 'violation' });
    };
    await expect.poll(violations, patience).toBeGreaterThan(0);
    const last = (await scrape(service)).value('cache_audit_last_success_timestamp_seconds') ?? 0;
    expect(Math.abs(Date.now() / 1000 - last)).toBeLessThan(60);
  });

  it('tell of a Redis that was killed, and of its return', async () => {
    await using redis = await startTestRedis();
    await using opened = await openService({ REDIS_URL: redis.url, CACHE_ON_FAILURE: 'reject' });
    const { service } = opened;
    const { id } = await someProduct(service);
    await redis.kill();
    const refused = service.client.product.adjustStock.mutate({ id, delta: 1 });
    await expect(refused).rejects.toMatchObject({ data: { code: 'SERVICE_UNAVAILABLE' } });
    await read(service, [id]);
    const away = await scrape(service);
    expect(away.value('redis_client_connected')).toBe(0);
    expect(away.value('cache_writes_total', { outcome: 'rejected' })).toBe(1);
    const failed = { operation: 'adjustStock', code: 'SERVICE_UNAVAILABLE', error_class: 'server' };
    expect(away.value('trpc_requests_total', failed)).toBe(1);
    const labels = { operation: 'adjustStock', cache_success: 'false' };
    expect(away.value('product_write_duration_seconds_count', labels)).toBe(1);
    // Which of the two depends on when the process heard of the loss.
    const past = ['untrusted', 'error'].map((cause) =>
      away.value('cache_database_reads_total', { cause }),
    );
    expect([
      [1, 0],
      [0, 1],
    ]).toContainEqual(past);
    const missed = ['untrusted', 'timeout'].map((reason) =>
      away.value('cache_misses_total', { namespace: 'product', reason }),
    );
    expect([
      [1, 0],
      [0, 1],
    ]).toContainEqual(missed);

    await redis.restart({ data: 'empty' });
    const connected = async () => (await scrape(service)).value('redis_client_connected');
    await expect.poll(connected, patience).toBe(1);
    const epoch = async () => (await scrape(service)).value('cache_epoch');
    await expect.poll(epoch, patience).toBe(2);
    const back = await scrape(service);
    expect(back.value('redis_client_reconnects_total')).toBeGreaterThan(0);
    expect(back.value('cache_mode_transitions_total', { state: 'active' })).toBe(2);
  });
});

/** promtool reads the older format: counters are called what their samples are called, and there is no end mark. */
function toPlainText(openMetrics: string): string {
  return openMetrics
    .replace(/^# EOF\n/m, '')
    .replaceAll(/ # \{[^}]*\} .*$/gm, '')
    .replaceAll(
      /^# HELP (\S+) (.*)\n# TYPE \1 counter$/gm,
      '# HELP $1_total $2\n# TYPE $1_total counter',
    );
}
