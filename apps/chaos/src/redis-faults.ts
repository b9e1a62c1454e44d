import type { RedisServer } from '@throughline/local-stack';
import { setTimeout as delay } from 'node:timers/promises';
import { namespace } from './bed.ts';
import { type Fault, longMs } from './fault.ts';
import type { Random } from './random.ts';
import { atRedis } from './store.ts';

/** What happens to the entries, however Redis is run. */
export const redisFaults = {
  'entries evicted': {
    breaks: ['redis'],
    happen: async ({ bed, random }) => {
      for (let times = 0; times < 20; times += 1) {
        for (const primary of await bed.store.primaries()) await evict(primary, random);
        await delay(100);
      }
    },
  },
  'Redis flushed': {
    breaks: ['redis'],
    happen: async ({ bed }) => {
      for (const primary of await bed.store.primaries()) {
        await atRedis(primary, async (client) => client.flushAll());
      }
      await delay(longMs);
    },
  },
  'Redis refuses writes for lack of memory': {
    breaks: ['redis'],
    happen: async ({ bed, random }) => {
      const primaries = await bed.store.primaries();
      await configure(primaries, { maxmemory: '1' });
      await delay(random.between(500, 4_000));
      await configure(primaries, { maxmemory: '0' });
    },
  },
} as const satisfies Record<string, Fault>;

export async function configure(
  servers: readonly RedisServer[],
  settings: Record<string, string>,
): Promise<void> {
  for (const server of servers) await atRedis(server, async (client) => client.configSet(settings));
}

/** Entries with a life, as Redis may at any time; never a pending one. */
async function evict(server: RedisServer, random: Random): Promise<void> {
  await atRedis(server, async (client) => {
    const names = await client.keys(`${namespace}:*product*`);
    for (const name of random.shuffled(names).slice(0, 10)) {
      await client.eval(
        `if redis.call('PTTL', KEYS[1]) > 0 then return redis.call('DEL', KEYS[1]) end return 0`,
        { keys: [name] },
      );
    }
  });
}
