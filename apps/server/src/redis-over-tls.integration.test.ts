import type { RedisCertificate } from '@throughline/local-stack';
import {
  createTestCertificate,
  createTestDatabase,
  startTestRedis,
  startTestRedisCluster,
  startTestRedisSentinels,
} from '@throughline/local-stack/testing';
import { describe, expect, it } from 'vitest';
import { type ChildService, startChild } from './testing/child-service.ts';

/** An authority is believed only by a process that was started with it, as operators do. */
describe('Redis over TLS with an authority of one’s own', { timeout: 120_000 }, () => {
  it('one Redis is used', async () => {
    await using certificate = await createTestCertificate();
    await using redis = await startTestRedis({ tls: certificate });
    await using service = await serviceOn({ REDIS_URL: redis.tlsUrl }, certificate);
    expect(await service.line('the cache is active')).toMatchObject({ epoch: 1 });
  });

  it('the primary that Sentinels name is used', async () => {
    await using certificate = await createTestCertificate();
    await using redis = await startTestRedisSentinels({ tls: certificate });
    expect(redis.url).toMatch(/^rediss:/);
    await using service = await serviceOn({ REDIS_URL: redis.url }, certificate);
    expect(await service.line('the cache is active')).toMatchObject({ epoch: 1 });
  });

  it('a Redis Cluster is used', async () => {
    await using certificate = await createTestCertificate();
    await using cluster = await startTestRedisCluster({ tls: certificate });
    const REDIS_CLUSTER_URLS = cluster.nodes.map(({ tlsUrl }) => tlsUrl).join(',');
    await using service = await serviceOn({ REDIS_CLUSTER_URLS }, certificate);
    expect(await service.line('the cache is active')).toMatchObject({ epoch: 1 });
  });

  it('a certificate of an unknown authority is refused in words', async () => {
    await using certificate = await createTestCertificate();
    await using redis = await startTestRedis({ tls: certificate });
    await using service = await serviceOn({ REDIS_URL: redis.tlsUrl });
    const { problem } = await service.line('Redis cannot be used: reads come from PostgreSQL');
    expect(problem).toMatch(/cannot be reached: .*self.signed/);
  });
});

/** A service process, with a database of its own. */
async function serviceOn(
  store: Readonly<Record<string, string>>,
  authority?: RedisCertificate,
): Promise<ChildService> {
  await using opening = new AsyncDisposableStack();
  const database = opening.use(await createTestDatabase());
  const service = opening.use(
    startChild('../main.ts', {
      ...store,
      DATABASE_URL: database.url,
      CACHE_NAMESPACE: 'test',
      PORT: '0',
      METRICS_PORT: '0',
      ...(authority === undefined ? {} : { NODE_EXTRA_CA_CERTS: authority.certificateFile }),
    }),
  );
  const opened = opening.move();
  return { ...service, [Symbol.asyncDispose]: async () => opened.disposeAsync() };
}
