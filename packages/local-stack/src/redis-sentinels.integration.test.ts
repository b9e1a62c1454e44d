import { expect, test, vi } from 'vitest';
import { redisCommand } from './redis-command.ts';
import { RedisSentinels } from './redis-sentinels.ts';

// Sentinels take their time: ten seconds until a primary that is back is made a replica.
vi.setConfig({ testTimeout: 120_000 });
const patience = { timeout: 60_000 };

test('the Sentinels replace a killed primary, and make a replica of it when it comes back', async () => {
  await using redis = await RedisSentinels.start();
  const first = await redis.primary();
  expect(first).toBe(redis.servers[0]);
  await redisCommand(first.url, 'SET key value');

  await first.kill();
  const second = await redis.promoted(first);
  expect(await redisCommand(second.url, 'GET key')).toBe('$5\r\nvalue\r\n');

  await first.restart();
  await expect
    .poll(async () => redisCommand(first.url, 'INFO replication'), patience)
    .toContain('role:slave');
});

test('the Sentinels change the primary when they are told to', async () => {
  await using redis = await RedisSentinels.start({ replicas: 1 });
  const first = await redis.primary();
  const second = await redis.failover();
  expect(second).not.toBe(first);
  expect(await redis.primary()).toBe(second);
});
