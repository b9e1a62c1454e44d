import type { RedisCluster } from '@throughline/local-stack';
import {
  localStack,
  redisKeyPrefix,
  startTestRedisCluster,
} from '@throughline/local-stack/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CheckedLoad } from '../testing/checked-load.ts';
import { type Fleet, openFleet } from '../testing/fleet.ts';
import { openRedisEntryStore } from '../testing/open-redis-entry-store.ts';
import { openRedisClient } from '../testing/redis-client.ts';
import type { RegisterBed } from '../testing/register-bed.ts';
import { keySlot } from './key-slot.ts';
import { KeySpace } from './key-space.ts';
import { RedisEntryStore } from './redis-entry-store.ts';

/** A failover takes the nodes some seconds, a new epoch another one, and the machine may be busy. */
const patience = { timeout: 60_000 };
const epoch = { number: 1, id: '00000000000000e1', storeIdentity: '' };

describe('a Redis Cluster that is well', { timeout: 90_000 }, () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startTestRedisCluster();
  });
  afterAll(async () => cluster[Symbol.asyncDispose]());

  it('finds the slot of a key as the nodes do', async () => {
    await using node = await openRedisClient(cluster.nodes[0]?.url ?? '');
    for (const key of ['foo', '{foo}bar', 'a{}b', '{{x}y}', 'é', 'throughline:{63}:epoch']) {
      expect(keySlot(key)).toBe(await node.clusterKeySlot(key));
    }
  });

  it('answers what was written over any of its nodes, and hits', async () => {
    await using at = await openFleet({ redis: { clusterUrls: cluster.urls.slice(5) } });
    const other = await at.another();
    expect((await at.first.set(1, 'second')).outcome).toBe('published');
    expect(await other.registers.read(1)).toMatchObject({
      outcome: 'hit',
      value: { text: 'second' },
    });
  });

  it('asks each node once for all it has of many keys', async () => {
    await using at = await openFleet({ redis: { clusterUrls: cluster.urls } });
    const ids = Array.from({ length: 20 }, (_, index) => index + 1);
    await at.first.registers.readMany(ids);
    await expect.poll(async () => outcomesOf(at.first, ids), patience).toEqual(['hit']);
    const slots = new Set(
      ids.map((id) => new KeySpace(at.prefix).locate(epoch, `register:${id}`).slot),
    );
    const rounds = 200;

    const before = await statsOf(cluster);
    for (let round = 0; round < rounds; round += 1) await at.first.registers.readMany(ids);
    const after = await statsOf(cluster);

    expect(after.mgets - before.mgets).toBe(rounds * slots.size);
    expect(slots.size).toBeGreaterThan(3 * 3);
    // What a node reads at once are the commands of one write; the rest is for checks and replicas.
    expect(after.reads - before.reads).toBeLessThan(rounds * 3 * 1.5);
  });

  it('tells which node keeps the cache from being used, and why', async () => {
    await using store = await openRedisEntryStore({
      clusterUrls: cluster.urls,
      prefix: redisKeyPrefix(),
    });
    const [node] = await cluster.primaries();
    await using admin = await openRedisClient(node?.url ?? '');
    await admin.configSet('maxmemory-policy', 'allkeys-lru');
    await expect.poll(() => store.problem, patience).toMatch(/^Node 127\..*allkeys-lru/);
    expect(store.isUnfit).toBe(true);
    await admin.configSet('maxmemory-policy', 'volatile-lru');
    await expect.poll(() => store.identity, patience).toBeDefined();
  });

  it('is refused where one Redis is expected, and one Redis where it is', async () => {
    const prefix = redisKeyPrefix();
    await using one = new RedisEntryStore({ url: cluster.urls[0] ?? '', prefix });
    await expect
      .poll(() => one.problem, patience)
      .toMatch(/set clusterUrls \(REDIS_CLUSTER_URLS\) instead/);
    const clusterUrls = [localStack().redisUrl];
    await using other = new RedisEntryStore({ clusterUrls, prefix });
    await expect.poll(() => other.problem, patience).toMatch(/set its url \(REDIS_URL\) instead/);
  });

  it('says so when none of the nodes it was told of can be reached', async () => {
    const clusterUrls = ['redis://127.0.0.1:1'];
    await using store = new RedisEntryStore({ clusterUrls, prefix: redisKeyPrefix() });
    await expect.poll(() => store.problem, patience).toMatch(/No node .*127\.0\.0\.1:1.*ECONNREF/);
  });
});

describe('a Redis Cluster that changes under load', { timeout: 180_000 }, () => {
  it('a slot that moves to another primary changes no answer and no epoch', async () => {
    await using cluster = await startTestRedisCluster();
    await using at = await openFleet({ redis: { clusterUrls: cluster.urls } });
    await using load = new CheckedLoad([at.first, await at.another()]);
    await hitsGrow(load);
    const keys = new KeySpace(at.prefix);
    const primaries = await cluster.primaries();
    for (const id of [1, 2, 3]) {
      const { slot } = keys.locate(epoch, `register:${id}`);
      const from = await cluster.ownerOf(slot);
      const to = primaries.find((node) => node !== from) ?? from;
      await cluster.moveSlot(slot, to, { pauseMs: 300 });
      await expect
        .poll(async () => (await at.first.registers.read(id)).outcome, patience)
        .toBe('hit');
      expect(await cluster.ownerOf(slot)).toBe(to);
    }
    await hitsGrow(load);
    expect(await load.stop()).toEqual({ violations: [], miscounted: [] });
    expect(at.first.cache.state.epoch).toBe(1);
  });

  it('a killed primary is followed by its replica in a new epoch, and is not believed when it comes back', async () => {
    await using cluster = await startTestRedisCluster();
    await using at = await openFleet({ redis: { clusterUrls: cluster.urls } });
    await using load = new CheckedLoad([at.first, await at.another()]);
    await hitsGrow(load);
    const killed = await ownerOfRegister(cluster, at, 1);
    const [replica] = await cluster.replicasOf(killed);

    await killed.kill();
    await expect.poll(async () => ownerOfRegister(cluster, at, 1), patience).toBe(replica);
    await expect.poll(() => at.first.cache.state, patience).toMatchObject({ trusted: true });
    expect(at.first.cache.state.epoch).toBeGreaterThan(1);
    await hitsGrow(load);

    const { epoch: after } = at.first.cache.state;
    await killed.restart();
    await cluster.settled();
    await hitsGrow(load);
    expect(at.first.cache.state.epoch).toBe(after);
    expect(await load.stop()).toEqual({ violations: [], miscounted: [] });
  });

  it('a primary that was stopped in mid-air while its replica took over is not believed when it goes on', async () => {
    await using cluster = await startTestRedisCluster();
    await using at = await openFleet({ redis: { clusterUrls: cluster.urls } });
    await using load = new CheckedLoad([at.first, await at.another()]);
    await hitsGrow(load);
    const paused = await ownerOfRegister(cluster, at, 1);

    await paused.pause();
    await expect
      .poll(async () => (await cluster.primaries()).includes(paused), patience)
      .toBe(false);
    await expect.poll(() => at.first.cache.state, patience).toMatchObject({ trusted: true });
    await paused.resume();
    await hitsGrow(load);
    expect(await load.stop()).toEqual({ violations: [], miscounted: [] });
  });

  it('a node that is replaced by an empty one, before anybody took over, begins a new epoch', async () => {
    await using cluster = await startTestRedisCluster({ nodeTimeoutMs: 15_000 });
    await using at = await openFleet({ redis: { clusterUrls: cluster.urls } });
    await using load = new CheckedLoad([at.first, await at.another()]);
    await hitsGrow(load);
    const replaced = await ownerOfRegister(cluster, at, 1);

    await replaced.kill();
    await replaced.restart();
    await expect.poll(() => at.first.cache.state.epoch, patience).toBeGreaterThan(1);
    expect(await ownerOfRegister(cluster, at, 1)).toBe(replaced);
    await hitsGrow(load);
    expect(await load.stop()).toEqual({ violations: [], miscounted: [] });
  });

  it('slots that are given to a new node begin a new epoch', async () => {
    await using cluster = await startTestRedisCluster({
      primaries: 3,
      replicasOfEach: 0,
      spares: 1,
    });
    await using at = await openFleet({ redis: { clusterUrls: cluster.urls } });
    await using load = new CheckedLoad([at.first]);
    await hitsGrow(load);
    const { slot } = new KeySpace(at.prefix).locate(epoch, 'register:1');
    const [spare] = cluster.nodes.slice(3);
    if (spare === undefined) throw new Error('There is no spare node.');
    await cluster.moveSlot(slot, spare);
    await expect.poll(() => at.first.cache.state.epoch, patience).toBe(2);
    await hitsGrow(load);
    expect(await load.stop()).toEqual({ violations: [], miscounted: [] });
  });
});

async function hitsGrow(load: CheckedLoad): Promise<void> {
  const [hits, written] = [load.count('hit'), load.count('written')];
  await expect.poll(() => load.count('hit'), patience).toBeGreaterThan(hits + 500);
  await expect.poll(() => load.count('written'), patience).toBeGreaterThan(written + 20);
}

async function ownerOfRegister(cluster: RedisCluster, { prefix }: Fleet, id: number) {
  return cluster.ownerOf(new KeySpace(prefix).locate(epoch, `register:${id}`).slot);
}

async function outcomesOf({ registers }: RegisterBed, ids: readonly number[]): Promise<string[]> {
  return [...new Set((await registers.readMany(ids)).map(({ outcome }) => outcome))];
}

async function statsOf(cluster: RedisCluster): Promise<{ mgets: number; reads: number }> {
  const sum = { mgets: 0, reads: 0 };
  for (const { url } of await cluster.primaries()) {
    await using node = await openRedisClient(url);
    sum.mgets += numberIn(await node.info('commandstats'), /cmdstat_mget:calls=(\d+)/);
    sum.reads += numberIn(await node.info('stats'), /total_reads_processed:(\d+)/);
  }
  return sum;
}

function numberIn(info: string, form: RegExp): number {
  return Number(form.exec(info)?.[1] ?? 0);
}
