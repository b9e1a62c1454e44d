import {
  localStack,
  redisKeyPrefix,
  startTestRedis,
  startTestRedisCluster,
} from '@throughline/local-stack/testing';
import { expect, it } from 'vitest';
import { RedisEvaluator } from './redis-evaluator.ts';

const patience = { timeout: 20_000 };
const count = `return redis.call('set', KEYS[1], ARGV[1], 'GET') or 'none'`;

it('runs a script with its keys and arguments', async () => {
  const prefix = redisKeyPrefix();
  await using evaluator = new RedisEvaluator({ url: localStack().redisUrl, prefix });
  await expect.poll(() => evaluator.isReady, patience).toBe(true);
  const keys = [`${prefix}:a`];
  expect(String(await evaluator.eval(count, { keys, arguments: ['1'] }))).toBe('none');
  expect(String(await evaluator.eval(count, { keys, arguments: ['2'] }))).toBe('1');
});

it('does so on whichever node of a cluster has the keys', async () => {
  await using cluster = await startTestRedisCluster();
  for (const tag of ['one', 'two', 'three', 'four']) {
    const prefix = `test:{${tag}}`;
    await using evaluator = new RedisEvaluator({ clusterUrls: cluster.urls, prefix });
    await expect.poll(() => evaluator.isReady, patience).toBe(true);
    const reply = await evaluator.eval(count, { keys: [`${prefix}:a`], arguments: ['1'] });
    expect(String(reply)).toBe('none');
  }
}, 60_000);

it('throws in time when Redis stalls, and at once from then on, until it answers again', async () => {
  await using redis = await startTestRedis();
  await using evaluator = new RedisEvaluator({ url: redis.url, prefix: 'test' });
  await expect.poll(() => evaluator.isReady, patience).toBe(true);
  const ask = async () => evaluator.eval(count, { keys: ['test:a'], arguments: ['1'] });
  await redis.pause();
  await expect(ask()).rejects.toThrow('did not answer within 250 ms');
  expect(evaluator.isReady).toBe(false);
  await expect(ask()).rejects.toThrow('did not answer as the primary');
  await redis.resume();
  await expect.poll(() => evaluator.isReady, patience).toBe(true);
  await ask();
}, 60_000);
