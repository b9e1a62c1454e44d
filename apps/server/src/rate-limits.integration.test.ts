import {
  createTestDatabase,
  localStack,
  redisKeyPrefix,
  startTestRedis,
} from '@throughline/local-stack/testing';
import { createLogger } from '@throughline/telemetry';
import { RedisEvaluator } from '@throughline/write-through/redis';
import type { Auth } from '@throughline/api';
import { createClient } from 'redis';
import { expect, it } from 'vitest';
import { openRateLimits, RateLimits } from './rate-limits.ts';
import { startServer } from './testing/real-service.ts';
import { scrape } from './testing/scrape.ts';
import { openService } from './testing/service-on-stores.ts';

const patience = { timeout: 20_000 };

/** One process among those that count in this Redis, as soon as it can. */
async function openProcess(url: string, prefix: string) {
  const counts = new RedisEvaluator({ url, prefix });
  const rates = new RateLimits({
    perToken: 1,
    perAddress: undefined,
    proxyHops: 0,
    prefix,
    counts,
  });
  await expect.poll(() => counts.isReady).toBe(true);
  return {
    counts,
    async send(subject: string) {
      const auth: Auth = { kind: 'token', subject, scopes: new Set(), expiresAtMs: Infinity };
      return rates.ofToken(auth, { headers: {} });
    },
    [Symbol.asyncDispose]: async () => rates[Symbol.asyncDispose](),
  };
}

it('all processes together let a subject send as many as it may, and no more', async () => {
  const { redisUrl } = localStack();
  const prefix = `${redisKeyPrefix()}:{rate}`;
  await using one = await openProcess(redisUrl, prefix);
  await using other = await openProcess(redisUrl, prefix);
  for (let sent = 0; sent < 5; sent += 1) {
    expect(await one.send('someone')).toBeNull();
    expect(await other.send('someone')).toBeNull();
  }
  for (const each of [one, other, one]) {
    const { retryAfterSeconds } = (await each.send('someone')) ?? {};
    expect(retryAfterSeconds).toBeGreaterThan(0);
    expect(retryAfterSeconds).toBeLessThanOrEqual(10);
  }
  expect(await other.send('somebody else')).toBeNull();
});

it('with Redis away each counts for itself, refuses nobody for that, and goes on together when it is back', async () => {
  await using redis = await startTestRedis();
  await using one = await openProcess(redis.url, 'test:{rate}');
  await redis.kill();
  for (let sent = 0; sent < 10; sent += 1) expect(await one.send('someone')).toBeNull();
  expect(await one.send('someone')).not.toBeNull();
  await redis.restart();
  await expect.poll(() => one.counts.isReady, patience).toBe(true);
  await using other = await openProcess(redis.url, 'test:{rate}');
  for (let sent = 0; sent < 10; sent += 1) expect(await other.send('someone')).toBeNull();
  expect(await one.send('someone')).not.toBeNull();
}, 60_000);

it('a service answers 429 beyond the rate that is configured, and keeps no name in Redis', async () => {
  await using database = await createTestDatabase();
  const { redisUrl } = localStack();
  const prefix = redisKeyPrefix();
  await using service = await startServer({
    DATABASE_URL: database.url,
    REDIS_URL: redisUrl,
    CACHE_NAMESPACE: prefix,
    RATE_LIMIT_PER_TOKEN: '1',
  });
  const send = async () =>
    fetch(`${service.url}/product.popular`, {
      headers: { authorization: `Bearer ${service.token}` },
    });
  const statuses: number[] = [];
  for (let sent = 0; sent < 12; sent += 1) statuses.push((await send()).status);
  expect(statuses).toEqual([...Array.from({ length: 10 }, () => 200), 429, 429]);
  const client = await createClient({ url: redisUrl }).connect();
  const keys = await client.keys(`${prefix}:{rate}:*`);
  client.destroy();
  expect(keys).toEqual([expect.stringMatching(/:\{rate\}:token:[\w-]{43}$/)]);
}, 60_000);

it('workers that are handed their connections know whose they are', async () => {
  await using opened = await openService({
    SERVER_WORKERS: '2',
    DATABASE_POOL_MAX: '5',
    RATE_LIMIT_PER_ADDRESS: '1',
  });
  const { service } = opened;
  await service.process.line('all workers are ready');
  const send = async () => {
    // A connection for each, dealt to the workers in turn.
    const headers = { authorization: `Bearer ${service.token}`, connection: 'close' };
    return (await fetch(`${service.url}/product.popular`, { headers })).status;
  };
  await expect.poll(send, { interval: 10 }).toBe(429);
  const page = await scrape(service);
  const answered = page.value('trpc_requests_total', { operation: 'popular', code: 'OK' });
  // Until they reach Redis, each of them counts for itself.
  expect(answered).toBeGreaterThanOrEqual(10);
  expect(answered).toBeLessThanOrEqual(20);
}, 60_000);

it('a user of Redis who lacks a right is told of once, and nobody is refused for it', async () => {
  await using redis = await startTestRedis();
  const admin = await createClient({ url: redis.url }).connect();
  const rights = 'ping info time get mget set del zadd zrem zcard zrangebyscore eval evalsha'.split(
    ' ',
  );
  await admin.sendCommand(
    ['ACL', 'SETUSER', 'limited', 'on', '>secret', '~*', '-@all'].concat(
      rights.map((right) => `+${right}`),
    ),
  );
  admin.destroy();
  const lines: string[] = [];
  const logger = createLogger({
    level: 'info',
    destination: { write: (line) => void lines.push(line) },
  });
  await using rates = openRateLimits(
    {
      rates: { perToken: 1, perAddress: undefined, proxyHops: 0 },
      redis: { url: redis.url.replace('//', '//limited:secret@') },
      cache: { namespace: 'test' },
    },
    logger,
  );
  let sent = 0;
  // Each by another subject, as each process counts meanwhile.
  const send = async () => {
    sent += 1;
    const auth: Auth = {
      kind: 'token',
      subject: String(sent),
      scopes: new Set(),
      expiresAtMs: Infinity,
    };
    return rates?.ofToken(auth, { headers: {} });
  };
  await expect.poll(async () => [await send(), lines.length]).toEqual([null, 1]);
  for (const _ of [1, 2, 3]) expect([await send(), lines.length]).toEqual([null, 1]);
  expect(lines.join()).toContain('rates are counted by each process for itself');
});
