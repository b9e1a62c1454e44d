import type { RedisServer } from '@throughline/local-stack';
import { setTimeout as delay } from 'node:timers/promises';
import { namespace } from './bed.ts';
import type { ClusterStore } from './cluster-store.ts';
import { type Fault, type FaultTarget, longMs } from './fault.ts';
import type { Random } from './random.ts';
import { atRedis } from './store.ts';

/** Longer than the node timeout and an election. */
const failoverMs = 5_000;
const slotsMoved = 10;

/** What happens to the nodes of a Redis Cluster. */
export const clusterFaults = {
  'a primary killed for good, its replica promoted, and it returns as an empty replica': {
    breaks: ['redis'],
    happen: async (target) => {
      const node = await somePrimary(target);
      await node.kill();
      await delay(failoverMs);
      await node.restart();
      await delay(1_000);
    },
  },
  'a primary restarted empty before anybody takes over': {
    breaks: ['redis'],
    happen: async (target) => {
      const node = await somePrimary(target);
      await node.kill();
      await node.restart();
      await delay(longMs);
    },
  },
  'a primary paused, its replica promoted, and it goes on': {
    breaks: ['redis'],
    happen: async (target) => {
      const node = await somePrimary(target);
      await node.pause();
      await delay(failoverMs);
      await node.resume();
      await delay(longMs);
    },
  },
  'a primary paused for a moment': {
    breaks: ['redis'],
    happen: async (target) => {
      const node = await somePrimary(target);
      await node.pause();
      await delay(target.random.between(100, 1_400));
      await node.resume();
      await delay(1_000);
    },
  },
  'a replica takes over by order': {
    breaks: ['redis'],
    happen: async (target) => {
      const { cluster } = target.bed.store;
      const [replica] = await cluster.replicasOf(await somePrimary(target));
      if (replica === undefined) return;
      // Without asking the others, and without waiting for what it has not heard yet.
      await atRedis(replica, async (client) =>
        client.sendCommand(['CLUSTER', 'FAILOVER', 'TAKEOVER']),
      );
      await delay(longMs);
    },
  },
  'slots moved': {
    breaks: ['redis'],
    happen: async (target) => {
      const { cluster } = target.bed.store;
      for (let times = 0; times < slotsMoved; times += 1) {
        const from = await somePrimary(target);
        const slot = await someSlot(from, target.random);
        const others = (await cluster.primaries()).filter((node) => node !== from);
        if (slot !== undefined) {
          await cluster.moveSlot(slot, target.random.pick(others), { pauseMs: 20 });
        }
      }
    },
  },
  'one node flushed': {
    breaks: ['redis'],
    happen: async (target) => {
      await atRedis(await somePrimary(target), async (client) => client.flushAll());
      await delay(longMs);
    },
  },
  'server stopped while a replica is promoted': {
    breaks: ['process', 'redis'],
    happen: async (target) => {
      const node = await somePrimary(target);
      target.member.process.pause();
      await node.kill();
      await delay(failoverMs);
      target.member.process.resume();
      await node.restart();
      await delay(1_000);
    },
  },
} as const satisfies Record<string, Fault<ClusterStore>>;

async function somePrimary({ bed, random }: FaultTarget<ClusterStore>): Promise<RedisServer> {
  return random.pick(await bed.store.cluster.primaries());
}

/** One that holds entries, if there is any. */
async function someSlot(node: RedisServer, random: Random): Promise<number | undefined> {
  return atRedis(node, async (client) => {
    const keys = await client.keys(`${namespace}:*`);
    if (keys.length === 0) return undefined;
    return Number(await client.sendCommand(['CLUSTER', 'KEYSLOT', random.pick(keys)]));
  });
}
