import { describe, expect, it } from 'vitest';
import { readFitness } from './redis-fitness.ts';

const fields = {
  redis_version: '7.0.15',
  redis_mode: 'standalone',
  run_id: 'aa',
  role: 'master',
  master_replid: 'bb',
  maxmemory_policy: 'noeviction',
};

describe('whether a server may hold entries', () => {
  it('a primary may, under the name of its run, its data and its role', () => {
    expect(fitness({})).toEqual({ fit: true, identity: 'aa/bb/master' });
  });

  it('Valkey may, which tells its mode under another name', () => {
    const { redis_mode: server_mode, ...rest } = fields;
    const valkey = { ...rest, server_name: 'valkey', valkey_version: '8.1.4', server_mode };
    expect(readFitness(info({ ...valkey, redis_version: '7.2.4' }), 'standalone').fit).toBe(true);
    expect(readFitness(info({ ...valkey, server_mode: 'cluster' }), 'standalone').fit).toBe(false);
  });

  it('a primary with replicas and with data on disk may', () => {
    expect(fitness({ connected_slaves: '2', aof_enabled: '1' }).fit).toBe(true);
  });

  it.each([
    [{ redis_version: '6.2.14' }, /version is 6\.2\.14; 7\.0 or newer/],
    [{ role: 'slave' }, /role is slave/],
    [{ maxmemory_policy: 'allkeys-lfu' }, /maxmemory-policy is allkeys-lfu.*use noeviction/],
    [{ run_id: '' }, /does not tell its run id.*a proxy may hide them/],
    [{ master_replid: '' }, /a proxy may hide them/],
    [
      { redis_mode: 'sentinel', master_replid: '' },
      /is a Sentinel; the path of its url \(REDIS_URL\)/,
    ],
    [
      { redis_mode: 'cluster' },
      /a node of a Redis Cluster; set clusterUrls \(REDIS_CLUSTER_URLS\)/,
    ],
  ])('%o may not, in words', (changed, reason) => {
    expect(fitness(changed)).toMatchObject({ fit: false, reason: expect.stringMatching(reason) });
  });

  it('one that is no node of a cluster may not where nodes are expected', () => {
    expect(readFitness(info(fields), 'cluster')).toMatchObject({
      reason: expect.stringContaining('set its url (REDIS_URL) instead of clusterUrls'),
    });
    expect(readFitness(info({ ...fields, redis_mode: 'cluster' }), 'cluster').fit).toBe(true);
  });

  it.each(['', 'nonsense', '# Server'])('what answers %j to INFO may not', (answer) => {
    expect(readFitness(answer, 'standalone').fit).toBe(false);
  });
});

function fitness(changed: Readonly<Record<string, string>>) {
  return readFitness(info({ ...fields, ...changed }), 'standalone');
}

function info(told: Readonly<Record<string, string>>): string {
  return Object.entries(told)
    .map(([name, value]) => `${name}:${value}\r\n`)
    .join('');
}
