import type { Auth } from '@throughline/api';
import { beforeEach, describe, expect, test } from 'vitest';
import { type RateCounts, RateLimits, type RateLimitsOptions } from './rate-limits.ts';
import { startService, type RunningService } from './testing/running-service.ts';
import { tokenWith } from './testing/tokens.ts';

/** A Redis that cannot be used, or one that was there a moment ago and does not answer. */
function brokenCounts(isReady: boolean): RateCounts {
  return {
    isReady,
    eval: () => Promise.reject(new Error('Redis did not answer within 250 ms.')),
    [Symbol.asyncDispose]: async () => {},
  };
}

const options: RateLimitsOptions = {
  perToken: undefined,
  perAddress: undefined,
  proxyHops: 0,
  prefix: 'test:{rate}',
  counts: brokenCounts(false),
};

describe('an address that may send one request a second', () => {
  let service: RunningService;

  beforeEach(async () => {
    service = await startService(true, {
      rates: new RateLimits({ ...options, perAddress: 1, proxyHops: 1 }),
    });
    return () => service[Symbol.asyncDispose]();
  });

  const send = (from: string, token = '') =>
    service.request('product.popular', {
      headers: { 'x-forwarded-for': from, ...(token && { authorization: `Bearer ${token}` }) },
    });

  test('may send ten at once; the next is told when to come again, before its token is looked at', async () => {
    for (let sent = 0; sent < 10; sent += 1) expect((await send('10.0.0.1')).status).toBe(200);
    const refused = await send('10.0.0.1', 'forged');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(10);
    expect(await refused.json()).toMatchObject({
      error: { data: { code: 'TOO_MANY_REQUESTS', serviceCode: 'RATE_LIMITED', retryable: true } },
    });
    expect((await send('10.0.0.2')).status).toBe(200);
  });

  test('is counted as refused, and fills no log', async () => {
    for (let sent = 0; sent < 12; sent += 1) await send('10.0.0.1');
    const metrics = await service.exposeMetrics();
    expect(metrics).toContain('http_rejected_total{reason="rate"} 2\n');
    expect(metrics).toMatch(/trpc_requests_total\{.*code="TOO_MANY_REQUESTS".*\} 2\n/);
    expect(service.log).toEqual([]);
  });

  test('is the whole network of an address of IPv6', async () => {
    for (let sent = 0; sent < 10; sent += 1) await send(`2001:db8::${sent}`);
    expect((await send('2001:db8::ffff')).status).toBe(429);
    expect((await send('2001:db8:0:1::1')).status).toBe(200);
  });
});

test('a subject may send as many with all of its tokens as it may, and another one too', async () => {
  const rates = new RateLimits({ ...options, perToken: 1 });
  await using service = await startService(true, { rates });
  const send = async (token: string) =>
    service.request('product.popular', { headers: { authorization: `Bearer ${token}` } });
  const read = await tokenWith('catalog:read');
  for (let sent = 0; sent < 10; sent += 1) expect((await send(read)).status).toBe(200);
  expect((await send(await tokenWith('catalog:write'))).status).toBe(429);
  expect((await service.request('product.popular')).status).toBe(200);
  expect(await rates.ofToken(tokenOf('somebody else'), requestWith(read))).toBeNull();
});

test('tokens that name no subject count each for itself', async () => {
  const rates = new RateLimits({ ...options, perToken: 1 });
  const verdicts = async (authorization: string) =>
    Promise.all(
      Array.from({ length: 11 }, () => rates.ofToken(tokenOf(null), requestWith(authorization))),
    );
  expect((await verdicts('one')).filter(Boolean)).toHaveLength(1);
  expect((await verdicts('two')).filter(Boolean)).toHaveLength(1);
});

test.each([
  'bearer head.claims.signature',
  'Bearer    head.claims.signature',
  'Bearer head.claims.other',
])('a token that names no subject is the same however it is written: %s', async (spelling) => {
  const rates = new RateLimits({ ...options, perToken: 1 });
  const ask = async (authorization: string) =>
    rates.ofToken(tokenOf(null), { headers: { authorization } });
  for (let sent = 0; sent < 10; sent += 1) await ask('Bearer head.claims.signature');
  expect(await ask(spelling)).not.toBeNull();
});

test('a Redis that does not answer refuses nobody, and what this process saw still counts', async () => {
  const counts = brokenCounts(true);
  const rates = new RateLimits({ ...options, counts, perToken: 1 });
  const asked = Array.from({ length: 12 }, () => rates.ofToken(tokenOf('one'), requestWith('')));
  expect((await Promise.all(asked)).map((refused) => refused === null)).toEqual([
    ...Array.from({ length: 10 }, () => true),
    false,
    false,
  ]);
});

function tokenOf(subject: string | null): Auth {
  return { kind: 'token', subject, scopes: new Set(), expiresAtMs: Infinity };
}

function requestWith(authorization: string) {
  return { headers: { authorization } };
}
