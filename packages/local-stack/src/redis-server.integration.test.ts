import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isRunning } from './process-table.ts';
import { RedisServer } from './redis-server.ts';
import { ServerStartError } from './server-process.ts';
import { redisCommand, redisRunId } from './redis-command.ts';

test('a Redis restarted on the same port has a new run id, and is empty', async () => {
  await using redis = await RedisServer.start();
  const runId = await redisRunId(redis.url);
  await redisCommand(redis.url, 'SET key value');

  await redis.restart();

  expect(await redisRunId(redis.url)).not.toBe(runId);
  expect(await redisCommand(redis.url, 'DBSIZE')).toBe(':0\r\n');
});

test('a Redis that writes everything down is killed and comes back with its old data', async () => {
  await using redis = await RedisServer.start({
    arguments: ['--appendonly', 'yes', '--appendfsync', 'always'],
  });
  await redisCommand(redis.url, 'SET key value');

  await redis.kill();
  await expect(redisCommand(redis.url, 'PING')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await redis.restart();
  expect(await redisCommand(redis.url, 'GET key')).toBe('$5\r\nvalue\r\n');

  await redis.restart({ data: 'empty' });
  expect(await redisCommand(redis.url, 'EXISTS key')).toBe(':0\r\n');
});

test('a paused Redis answers only after it is resumed', async () => {
  await using redis = await RedisServer.start();
  await redis.pause();
  let answered = false;
  const answer = redisCommand(redis.url, 'PING').finally(() => {
    answered = true;
  });
  // A round trip to another server, and one to the keeper: time enough for an answer to arrive.
  await using other = await RedisServer.start();
  await redisCommand(other.url, 'PING');
  expect(answered).toBe(false);

  await redis.resume();
  expect(await answer).toBe('+PONG\r\n');
});

test('a paused Redis can be stopped', async () => {
  await using redis = await RedisServer.start();
  await redis.pause();
  await redis.stop();
  expect(isRunning(redis.pid)).toBe(false);
});

test('a temporary directory is gone with its server', async () => {
  const redis = await RedisServer.start();
  expect(existsSync(redis.directory)).toBe(true);
  await redis[Symbol.asyncDispose]();
  expect(existsSync(redis.directory)).toBe(false);
});

test('a server that does not start says what it printed', async () => {
  const start = RedisServer.start({ arguments: ['--no-such-setting', 'yes'] });
  await expect(start).rejects.toBeInstanceOf(ServerStartError);
  await expect(start).rejects.toThrow('no-such-setting');
});
