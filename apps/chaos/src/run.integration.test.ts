import { setTimeout as delay } from 'node:timers/promises';
import { RESP_TYPES } from 'redis';
import { describe, expect, it } from 'vitest';
import { namespace } from './bed.ts';
import type { Fault } from './fault.ts';
import { run } from './run.ts';
import { cluster, sentinel, standalone } from './settings.ts';
import { atRedis, type Setting, type Store } from './store.ts';
import type { RunResult } from './under-load.ts';

const seed = 20_261_123;

async function runWith<S extends Store>(setting: Setting<S>, seconds: number): Promise<RunResult> {
  process.stdout.write(`seed ${seed}\n`);
  return run({
    seed,
    seconds,
    onFailure: 'degrade',
    setting,
    signal: new AbortController().signal,
    tell: () => undefined,
  });
}

function some<S extends Store>({ open, faults }: Setting<S>, ...names: string[]): Setting<S> {
  const chosen = Object.entries(faults).filter(([name]) => names.includes(name));
  expect(chosen.length).toBe(names.length);
  return { open, faults: Object.fromEntries(chosen) };
}

describe('three service processes under load', () => {
  it(
    'tell nobody anything old, uncommitted or lost, while Redis and a server fail',
    { timeout: 120_000 },
    async () => {
      const setting = some(
        standalone,
        'lagging replica promoted',
        'server killed',
        'answers to COMMIT lost',
      );
      expectProof(await runWith(setting, 14));
    },
  );

  it(
    'tell nobody anything wrong when a node of a Redis Cluster dies and its replica takes over',
    { timeout: 120_000 },
    async () => {
      const setting = some(
        cluster,
        'a primary killed for good, its replica promoted, and it returns as an empty replica',
      );
      expectProof(await runWith(setting, 6));
    },
  );

  it(
    'tell nobody anything wrong when Sentinels promote a replica while the old primary stands still',
    { timeout: 120_000 },
    async () => {
      const setting = some(
        sentinel,
        'the primary paused, a replica promoted, and it goes on until it is demoted',
      );
      expectProof(await runWith(setting, 6));
    },
  );

  it(
    'are caught when somebody writes old entries over new ones: the check can fail',
    { timeout: 120_000 },
    async () => {
      const { open } = standalone;
      const faults = { 'old entries written by hand': { breaks: [], happen: writeOldEntries } };
      const { violations } = await runWith({ open, faults }, 5);
      const rules = new Set(violations.map(({ rule }) => rule));
      expect(rules).toContain('stale read');
      expect(violations[0]?.history.length).toBe(2);
    },
  );
});

/** Nothing was wrong, and enough happened for that to mean something. */
function expectProof({ violations, tally, history }: RunResult): void {
  expect(violations).toEqual([]);
  expect(tally.faults.size).toBeGreaterThan(0);
  expect(history.checkedReads).toBeGreaterThan(500);
  expect(history.acknowledged.length).toBeGreaterThan(20);
  expect(tally.reads.calm.hits + tally.reads.fault.hits).toBeGreaterThan(10);
}

/** What a cache does that fills blindly: a value of a while ago takes the place of the present one. */
const writeOldEntries: Fault['happen'] = async ({ bed }) => {
  const [redis] = await bed.store.primaries();
  if (redis === undefined) throw new Error('There is no Redis.');
  await atRedis(redis, async (admin) => {
    const client = admin.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
    for (let times = 0; times < 20; times += 1) {
      const names = await admin.keys(`${namespace}:*:product:*`);
      const old = await Promise.all(names.map(async (name) => client.get(name)));
      await delay(200);
      for (const [index, name] of names.entries()) {
        const frame = old[index];
        // The second byte of a value's frame.
        if (frame?.[1] !== 'v'.charCodeAt(0)) continue;
        await client.eval(
          `if redis.call('PTTL', KEYS[1]) > 0 then redis.call('SET', KEYS[1], ARGV[1], 'PX', 60000) end`,
          { keys: [name], arguments: [frame] },
        );
      }
    }
  });
};
