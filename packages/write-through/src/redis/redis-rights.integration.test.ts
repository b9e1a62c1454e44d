import { readFile } from 'node:fs/promises';
import {
  redisKeyPrefix,
  startTestRedis,
  startTestRedisCluster,
} from '@throughline/local-stack/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeEntryStore } from '../testing/entry-store-contract.ts';
import { openFleet } from '../testing/fleet.ts';
import { openRedisEntryStore } from '../testing/open-redis-entry-store.ts';
import { openRedisClient } from '../testing/redis-client.ts';
import { RedisEntryStore } from './redis-entry-store.ts';

const patience = { timeout: 30_000 };
const password = 'secret';

describe(
  'a user with exactly the rights that the page for operators tells',
  { timeout: 90_000 },
  () => {
    let redis: Awaited<ReturnType<typeof startTestRedis>>;
    beforeAll(async () => {
      redis = await startTestRedis();
    });
    afterAll(async () => redis[Symbol.asyncDispose]());

    describeEntryStore('RedisEntryStore of such a user', async () => {
      const prefix = redisKeyPrefix();
      await grant(redis.url, prefix);
      return openRedisEntryStore({ url: as(prefix, redis.url), prefix });
    });

    it('lacks any of them: the problem names it, and the user is used once it is granted', async () => {
      const prefix = redisKeyPrefix();
      const rules = await grant(redis.url, prefix);
      await using admin = await openRedisClient(redis.url);
      await using store = new RedisEntryStore({ url: as(prefix, redis.url), prefix });
      const commands = rules.flatMap((rule) => /^\+(\w+)$/.exec(rule)?.[1] ?? []);
      expect(commands.length).toBeGreaterThan(10);
      for (const command of commands) {
        await admin.sendCommand(['ACL', 'SETUSER', prefix, `-${command}`]);
        await using denied = new RedisEntryStore({ url: as(prefix, redis.url), prefix });
        await expect
          .poll(() => denied.problem, patience)
          .toMatch(new RegExp(`NOPERM.*'${command}'`, 'i'));
        await admin.sendCommand(['ACL', 'SETUSER', prefix, `+${command}`]);
        await expect.poll(() => denied.identity, patience).toBeDefined();
      }
      await expect.poll(() => store.identity, patience).toBeDefined();
    });

    it('may not use the keys: the problem says so', async () => {
      const prefix = redisKeyPrefix();
      await grant(redis.url, prefix);
      await using store = new RedisEntryStore({ url: as(prefix, redis.url), prefix: 'another' });
      await expect.poll(() => store.problem, patience).toMatch(/NOPERM.*keys/i);
    });

    it('loses a right that only scripts need: the first step that fails tells, and who lost what', async () => {
      const prefix = redisKeyPrefix();
      await grant(redis.url, prefix);
      await using admin = await openRedisClient(redis.url);
      await using store = await openRedisEntryStore({ url: as(prefix, redis.url), prefix });
      const epoch = await store.install(0, '00000000000000e1');
      await admin.sendCommand(['ACL', 'SETUSER', prefix, '-zadd']);
      const attempt = { xid: 7n, token: '00000000000000a1' };
      const intent = { attempt, nonce: '00000000000000b1' };
      await expect(store.intend(epoch, 'product:1', intent)).rejects.toThrow(/script/);
      await expect.poll(() => store.problem, patience).toMatch(/NOPERM.*'zadd'/);
    });

    it('has another password: the problem says so', async () => {
      const prefix = redisKeyPrefix();
      await grant(redis.url, prefix);
      const url = as(prefix, redis.url).replace(password, 'wrong');
      await using store = new RedisEntryStore({ url, prefix });
      await expect.poll(() => store.problem, patience).toMatch(/cannot be reached: WRONGPASS/);
    });
  },
);

it(
  'the same user and three rights more are enough on a Redis Cluster',
  { timeout: 90_000 },
  async () => {
    await using cluster = await startTestRedisCluster();
    const prefix = redisKeyPrefix();
    for (const url of cluster.urls) await grant(url, prefix);
    const clusterUrls = cluster.urls.map((url) => as(prefix, url));
    await using denied = new RedisEntryStore({ clusterUrls, prefix });
    await expect.poll(() => denied.problem, patience).toMatch(/NOPERM.*'cluster\|\w+'/);

    for (const url of cluster.urls) {
      await using admin = await openRedisClient(url);
      await admin.sendCommand(['ACL', 'SETUSER', prefix, ...(await documentedRules()).onCluster]);
    }
    await using at = await openFleet({ redis: { clusterUrls }, prefix });
    await at.first.set(1, 'second');
    expect(await at.first.registers.read(1)).toMatchObject({
      outcome: 'hit',
      value: { text: 'second' },
    });
  },
);

/** Makes the user, called like the prefix, as the page tells; the rules. */
async function grant(url: string, prefix: string): Promise<string[]> {
  const { rules } = await documentedRules();
  const own = rules.map((rule) =>
    rule.replace('>PASSWORD', `>${password}`).replace('~throughline:*', `~${prefix}:*`),
  );
  await using admin = await openRedisClient(url);
  await admin.sendCommand(['ACL', 'SETUSER', prefix, 'reset', ...own]);
  return own;
}

async function documentedRules(): Promise<{ rules: string[]; onCluster: string[] }> {
  const page = await readFile(
    new URL('../../../../docs/configuration.md', import.meta.url),
    'utf8',
  );
  const [rules, onCluster] = [...page.matchAll(/^ACL SETUSER throughline (.+)$/gm)].map(
    ([, line = '']) => line.split(' '),
  );
  if (rules === undefined || onCluster === undefined) throw new Error('The page tells no rules.');
  return { rules, onCluster };
}

function as(user: string, url: string): string {
  return url.replace('://', `://${encodeURIComponent(user)}:${password}@`);
}
