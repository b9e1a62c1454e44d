import { RedisServer } from '@throughline/local-stack';
import { setTimeout as delay } from 'node:timers/promises';
import type { Bed, Member } from './bed.ts';
import { FaultProxy } from './fault-proxy.ts';
import type { Random } from './random.ts';

/** What a fault is done to: drawn from the seed. */
export interface FaultTarget {
  readonly bed: Bed;
  readonly member: Member;
  readonly random: Random;
}

/** Does something bad, for as long as it takes; the bed is healed afterwards. */
export type Fault = (target: FaultTarget) => Promise<void>;

/** Longer than a trust lease, so that those who are cut off have lost it. */
const longMs = 3_000;

export const faults = {
  'entries evicted': async ({ bed, random }) => {
    for (let times = 0; times < 20; times += 1) {
      await evict(bed, random);
      await delay(100);
    }
  },
  'Redis flushed': async ({ bed }) => {
    await bed.atRedis(async (client) => client.flushAll());
    await delay(longMs);
  },
  'Redis killed and restarted empty': async ({ bed, random }) => {
    await bed.redis.kill();
    await delay(random.between(100, longMs));
    await bed.redis.restart({ data: 'empty' });
    await delay(longMs);
  },
  'Redis killed and restarted with old data': async ({ bed }) => {
    await bed.atRedis(async (client) => client.sendCommand(['SAVE']));
    await delay(1_500);
    await bed.redis.kill();
    await bed.redis.restart({ data: 'kept' });
    await delay(longMs);
  },
  'Redis paused': async ({ bed, random }) => {
    await bed.redis.pause();
    await delay(random.between(200, 5_000));
    await bed.redis.resume();
    await delay(1_000);
  },
  'lagging replica promoted': async (target) => failOver(target, []),
  'split brain': async (target) => failOver(target, [target.member]),
  'one process cut off from Redis': async ({ member }) => {
    member.toRedis.set('refuse');
    await delay(longMs);
  },
  'one process in a black hole before Redis': async ({ member }) => {
    member.toRedis.set('swallow');
    await delay(longMs);
  },
  'messages of one process to Redis held back': async ({ member }) => {
    member.toRedis.set('stall');
    await delay(longMs);
  },
  'messages of one process to Redis late and out of order': async ({ member, random }) => {
    member.toRedis.delay(random.between(20, 400));
    await delay(longMs);
  },
  'connections to Redis reset': async ({ bed, random }) => {
    for (let times = 0; times < 10; times += 1) {
      random.pick(bed.members).toRedis.reset();
      await delay(200);
    }
  },
  'connections to Redis half-closed': async ({ bed }) => {
    for (const { toRedis } of bed.members) toRedis.halfClose();
    await delay(1_000);
  },
  'one process cut off from PostgreSQL': async ({ member }) => {
    member.toPostgres.set('refuse');
    await delay(longMs);
  },
  'messages of one process to PostgreSQL held back': async ({ member }) => {
    member.toPostgres.set('stall');
    await delay(longMs);
  },
  'PostgreSQL backends terminated': async ({ bed }) => {
    for (let times = 0; times < 3; times += 1) {
      await bed.trail.terminateBackends();
      await delay(500);
    }
  },
  'answers to COMMIT lost': async ({ member }) => {
    member.toPostgres.loseCommits();
    await delay(longMs);
  },
  'server killed': async ({ bed, member }) => {
    await member.process.kill();
    await delay(500);
    await bed.heal();
  },
  'server stopped for longer than its trust lease': async ({ member }) => {
    member.process.pause();
    await delay(longMs);
    member.process.resume();
    await delay(1_000);
  },
  'server stopped while Redis is replaced': async ({ bed, member }) => {
    member.process.pause();
    await bed.redis.kill();
    await bed.redis.restart({ data: 'empty' });
    await delay(longMs);
    member.process.resume();
    await delay(1_000);
  },
  'Redis refuses writes for lack of memory': async ({ bed, random }) => {
    await bed.atRedis(async (client) => client.configSet('maxmemory', '1'));
    await delay(random.between(500, 4_000));
    await bed.atRedis(async (client) => client.configSet('maxmemory', '0'));
  },
} as const satisfies Record<string, Fault>;

/** Entries with a life, as Redis may at any time; never a pending one. */
async function evict(bed: Bed, random: Random): Promise<void> {
  await bed.atRedis(async (client) => {
    const names = await client.keys('chaos:*product*');
    for (const name of random.shuffled(names).slice(0, 10)) {
      await client.eval(
        `if redis.call('PTTL', KEYS[1]) > 0 then return redis.call('DEL', KEYS[1]) end return 0`,
        { keys: [name] },
      );
    }
  });
}

/** Promotes a replica that has not heard of the newest writes; `left` go on talking to the old primary. */
async function failOver({ bed, random }: FaultTarget, left: readonly Member[]): Promise<void> {
  const old = bed.redis;
  await using link = await FaultProxy.open(old.port, random.fork());
  const replica = await RedisServer.start({
    arguments: ['--replicaof', `127.0.0.1 ${link.port}`, '--repl-diskless-sync-delay', '0'],
  });
  await untilInSync(bed, replica);
  link.set('swallow');
  await delay(500);
  const moved = bed.members.filter((member) => !left.includes(member));
  if (left.length === 0) await old.kill();
  await bed.atRedis(async (client) => client.sendCommand(['REPLICAOF', 'NO', 'ONE']), replica);
  bed.adopt(replica);
  for (const { toRedis } of moved) toRedis.redirect(replica.port);
  await delay(longMs);
  for (const { toRedis } of left) toRedis.redirect(replica.port);
  await old[Symbol.asyncDispose]();
  await delay(1_000);
}

async function untilInSync(bed: Bed, replica: RedisServer): Promise<void> {
  const endMs = performance.now() + 10_000;
  while (performance.now() < endMs) {
    const info = await bed.atRedis(async (client) => client.info('replication'), replica);
    if (info.includes('master_link_status:up')) return;
    await delay(50);
  }
  throw new Error('The replica did not come in sync.');
}
