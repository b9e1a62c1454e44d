import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { FaultProxy } from './fault-proxy.ts';
import { type Fault, type FaultTarget, longMs } from './fault.ts';
import { configure } from './redis-faults.ts';
import type { StandaloneStore } from './standalone-store.ts';
import { atRedis } from './store.ts';

/** What happens to one Redis, and on the way there. */
export const standaloneFaults = {
  'Redis killed and restarted empty': {
    breaks: ['redis'],
    happen: async ({ bed: { store }, random }) => {
      await store.redis.kill();
      await delay(random.between(100, longMs));
      await store.redis.restart({ data: 'empty' });
      await delay(longMs);
    },
  },
  'Redis killed and restarted with old data': {
    breaks: ['redis'],
    happen: async ({ bed: { store } }) => {
      await atRedis(store.redis, async (client) => client.sendCommand(['SAVE']));
      await delay(1_500);
      await store.redis.kill();
      await store.redis.restart({ data: 'kept' });
      await delay(longMs);
    },
  },
  'Redis paused': {
    breaks: ['redis'],
    happen: async ({ bed: { store }, random }) => {
      await store.redis.pause();
      await delay(random.between(200, 5_000));
      await store.redis.resume();
      await delay(1_000);
    },
  },
  'Redis refuses writes for lack of disk': {
    breaks: ['redis'],
    happen: async (target) => fillDisk(target),
  },
  'lagging replica promoted': {
    breaks: ['redis', 'redis link'],
    happen: async ({ bed: { store }, random }) => {
      await store.failOver(random, { left: [], forMs: longMs });
      await delay(1_000);
    },
  },
  'split brain': {
    breaks: ['redis', 'redis link'],
    happen: async (target) => {
      await target.bed.store.failOver(target.random, { left: [linkOf(target)], forMs: longMs });
      await delay(1_000);
    },
  },
  'one process cut off from Redis': {
    breaks: ['redis link'],
    happen: async (target) => {
      linkOf(target).set('refuse');
      await delay(longMs);
    },
  },
  'one process in a black hole before Redis': {
    breaks: ['redis link'],
    happen: async (target) => {
      linkOf(target).set('swallow');
      await delay(longMs);
    },
  },
  'messages of one process to Redis held back': {
    breaks: ['redis link'],
    happen: async (target) => {
      linkOf(target).set('stall');
      await delay(longMs);
    },
  },
  'messages to Redis late and out of order': {
    breaks: ['redis link'],
    happen: async ({ bed: { store }, random }) => {
      for (const link of store.links) link.delay(random.between(20, 400));
      await delay(longMs);
    },
  },
  'connections to Redis reset': {
    breaks: ['redis link'],
    happen: async ({ bed: { store }, random }) => {
      for (let times = 0; times < 10; times += 1) {
        random.pick(store.links).reset();
        await delay(200);
      }
    },
  },
  'connections of one process to Redis half-closed, told to the process': {
    breaks: ['redis link'],
    happen: async (target) => {
      linkOf(target).halfClose('client');
      await delay(longMs);
    },
  },
  'connections of one process to Redis half-closed, told to Redis': {
    breaks: ['redis link'],
    happen: async (target) => {
      linkOf(target).halfClose('server');
      await delay(longMs);
    },
  },
  'server stopped while Redis is replaced by an empty one': {
    breaks: ['process', 'redis'],
    happen: async ({ bed: { store }, member }) => {
      member.process.pause();
      await store.redis.kill();
      await store.redis.restart({ data: 'empty' });
      await delay(longMs);
      member.process.resume();
      await delay(1_000);
    },
  },
  'server stopped while a lagging replica is promoted': {
    breaks: ['process', 'redis', 'redis link'],
    happen: async ({ bed: { store }, member, random }) => {
      member.process.pause();
      await store.failOver(random, { left: [], forMs: random.between(500, 2_000) });
      member.process.resume();
      await delay(longMs);
    },
  },
  'Redis flushed while one process is cut off': {
    breaks: ['redis', 'redis link'],
    happen: async (target) => {
      const link = linkOf(target);
      link.set('stall');
      await delay(target.random.between(0, 1_500));
      await atRedis(target.bed.store.redis, async (client) => client.flushAll());
      await delay(longMs);
      link.heal();
      await delay(1_000);
    },
  },
  'Redis paused while PostgreSQL backends are terminated': {
    breaks: ['redis', 'postgres'],
    happen: async ({ bed: { store, trail } }) => {
      await store.redis.pause();
      for (let times = 0; times < 3; times += 1) {
        await delay(700);
        await trail.terminateBackends();
      }
      await store.redis.resume();
      await delay(1_000);
    },
  },
} as const satisfies Record<string, Fault<StandaloneStore>>;

/** The way of the target's process to Redis. */
function linkOf({ bed, member }: FaultTarget<StandaloneStore>): FaultProxy {
  const link = bed.store.links[member.index];
  if (link === undefined) throw new Error(`${member.name} has no way to Redis.`);
  return link;
}

/** A snapshot cannot be put in its place, as a directory stands there: from then on Redis refuses writes. */
async function fillDisk({ bed: { store }, random }: FaultTarget<StandaloneStore>): Promise<void> {
  const { redis } = store;
  const inTheWay = path.join(redis.directory, 'data', 'dump.rdb');
  await rm(inTheWay, { force: true });
  await mkdir(inTheWay);
  await configure([redis], { save: '3600 1000000' });
  await atRedis(redis, async (client) => client.sendCommand(['BGSAVE']));
  await delay(random.between(1_000, 4_000));
  const persistence = await atRedis(redis, async (client) => client.info('persistence'));
  if (!persistence.includes('rdb_last_bgsave_status:err')) throw new Error('The disk is not full.');
  await rm(inTheWay, { recursive: true });
  await configure([redis], { save: '' });
}
