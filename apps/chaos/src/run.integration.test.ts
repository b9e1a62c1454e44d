import { setTimeout as delay } from 'node:timers/promises';
import { RESP_TYPES } from 'redis';
import { describe, expect, it } from 'vitest';
import type { Bed } from './bed.ts';
import { type Fault, faults } from './faults.ts';
import { run, type RunResult } from './run.ts';

const seed = 20_261_123;

async function runWith(chosen: Record<string, Fault>, seconds: number): Promise<RunResult> {
  process.stdout.write(`seed ${seed}\n`);
  return run({
    seed,
    seconds,
    onFailure: 'degrade',
    faults: chosen,
    signal: new AbortController().signal,
    tell: () => undefined,
  });
}

describe('three service processes under load', () => {
  it(
    'tell nobody anything old, uncommitted or lost, while Redis and a server fail',
    { timeout: 120_000 },
    async () => {
      const result = await runWith(
        {
          'lagging replica promoted': faults['lagging replica promoted'],
          'server killed': faults['server killed'],
          'answers to COMMIT lost': faults['answers to COMMIT lost'],
        },
        20,
      );
      expect(result.violations).toEqual([]);
      expect([...result.tally.faults.keys()].length).toBeGreaterThan(1);
      expect(result.history.checkedReads).toBeGreaterThan(2_000);
      expect(result.history.acknowledged.length).toBeGreaterThan(100);
    },
  );

  it(
    'are caught when somebody writes old entries over new ones: the check can fail',
    { timeout: 120_000 },
    async () => {
      const { violations } = await runWith({ 'old entries written by hand': writeOldEntries }, 6);
      const rules = new Set(violations.map(({ rule }) => rule));
      expect(rules).toContain('stale read');
      expect(violations[0]?.history.length).toBe(2);
    },
  );
});

/** What a cache does that fills blindly: a value of a while ago takes the place of the present one. */
async function writeOldEntries({ bed }: { bed: Bed }): Promise<void> {
  await bed.atRedis(async (admin) => {
    const client = admin.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
    for (let times = 0; times < 20; times += 1) {
      const names = await admin.keys('chaos:*:product:*');
      const old = await Promise.all(names.map(async (name) => client.get(name)));
      await delay(200);
      for (const [index, name] of names.entries()) {
        const frame = old[index];
        // The second byte of a value's frame.
        if (frame?.[1] !== 'V'.charCodeAt(0)) continue;
        await client.eval(
          `if redis.call('PTTL', KEYS[1]) > 0 then redis.call('SET', KEYS[1], ARGV[1], 'PX', 60000) end`,
          { keys: [name], arguments: [frame] },
        );
      }
    }
  });
}
