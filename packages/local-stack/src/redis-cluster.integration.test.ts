import { expect, test, vi } from 'vitest';
import { RedisCluster } from './redis-cluster.ts';
import { redisCommand } from './redis-command.ts';

// Six processes have to find each other, on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000 });
const patience = { timeout: 60_000 };

const slotOfFoo = 12_182;

test('a cluster serves every slot, and the replica of a killed primary takes over', async () => {
  await using cluster = await RedisCluster.start();
  expect(await cluster.primaries()).toEqual(cluster.nodes.slice(0, 3));
  const owner = await cluster.ownerOf(slotOfFoo);
  expect(await redisCommand(owner.url, 'SET foo bar')).toBe('+OK\r\n');
  const [replica] = await cluster.replicasOf(owner);

  await owner.kill();
  const rest = cluster.nodes.filter((node) => node !== owner);
  await expect.poll(async () => cluster.ownerOf(slotOfFoo), patience).toBe(replica);
  await cluster.settled(rest);
  expect(await redisCommand(replica?.url ?? '', 'GET foo')).toBe('$3\r\nbar\r\n');

  await owner.restart();
  await cluster.settled();
  await expect
    .poll(async () => redisCommand(owner.url, 'INFO replication'), patience)
    .toContain('role:slave');
});

test('a slot moves to another primary with what it holds', async () => {
  await using cluster = await RedisCluster.start({ replicasOfEach: 0 });
  const owner = await cluster.ownerOf(slotOfFoo);
  const other = cluster.nodes.find((node) => node !== owner) ?? owner;
  await redisCommand(owner.url, 'SET foo bar');
  await redisCommand(owner.url, 'SET {foo}:2 baz');

  await cluster.moveSlot(slotOfFoo, other);

  expect(await cluster.ownerOf(slotOfFoo)).toBe(other);
  expect(await redisCommand(other.url, 'MGET foo {foo}:2')).toContain('baz');
  expect(await redisCommand(owner.url, 'GET foo')).toContain('MOVED');
});
