import { startTestRedis } from '@throughline/local-stack/testing';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { AuditViolation } from './auditor.ts';
import { encodeFinal } from './entry-frame.ts';
import { CacheUnavailableError, DatabaseUnavailableError } from './errors.ts';
import { type Fleet, openFleet } from './testing/fleet.ts';
import { openRedisClient } from './testing/redis-client.ts';

/** A second for the batch it falls into, a second for a slow machine. */
const foundWithinMs = 2_000;

describe('an auditor', () => {
  it('tells of an old value that someone wrote into Redis, within two seconds of being read', async () => {
    await using at = await openFleet();
    const violations: AuditViolation<number>[] = [];
    await using auditor = at.first.registers.audit((violation) => violations.push(violation));
    await at.first.set(1, 'second');
    await corrupt(at, 1, 1);
    await readUntilFound(at, violations);
    expect(violations[0]).toEqual({
      id: 1,
      key: 'register:1',
      verdict: 'stale',
      cachedVersion: 1,
      storedVersion: 2,
    });
    expect(auditor.state).toMatchObject({ violationRatioBound: null });
    expect(auditor.state.violations).toBeGreaterThan(0);
  });

  it('tells of a value that PostgreSQL does not have yet, or has lost', async () => {
    await using at = await openFleet();
    const violations: AuditViolation<number>[] = [];
    await using _ = at.first.registers.audit((violation) => violations.push(violation));
    await at.first.registers.read(2);
    await corrupt(at, 2, 7);
    await readUntilFound(at, violations, 2);
    expect(violations[0]).toMatchObject({ verdict: 'ahead', cachedVersion: 7, storedVersion: 1 });
  });

  it(
    'raises no false alarm beside writes, aborted writes, evictions, and a Redis that is flushed and killed',
    { timeout: 180_000 },
    async () => {
      const redis = await startTestRedis();
      await using _ = redis;
      const limits = { auditEveryMs: 5, auditOneInReads: 4 };
      await using at = await openFleet({ redisUrl: redis.url, limits });
      const processes = [at.first, await at.another({ limits })];
      const violations: AuditViolation<number>[] = [];
      const auditors = processes.map(({ registers }) =>
        registers.audit((violation) => violations.push(violation)),
      );
      const ending = new AbortController();
      const load = Promise.all([
        ...processes.flatMap((process) =>
          Array.from({ length: 20 }, async (__, index) => {
            for (let turn = index; !ending.signal.aborted; turn += 1) {
              await process.registers.read(1 + (turn % 10)).catch(ignoreOutage);
            }
          }),
        ),
        ...processes.flatMap((process) =>
          Array.from({ length: 4 }, async (__, index) => {
            for (let turn = index; !ending.signal.aborted; turn += 3) {
              const id = 1 + (turn % 10);
              const write = turn % 4 === 0 ? abort(process, id) : process.increment(id);
              await write.catch(ignoreOutage);
              await delay(2);
            }
          }),
        ),
        (async () => {
          for (let turn = 0; !ending.signal.aborted; turn += 1) {
            await at.evict(1 + (turn % 10)).catch(() => undefined);
            await delay(10);
          }
        })(),
      ]);
      const judged = () => auditors.reduce((sum, { state }) => sum + state.judged, 0);
      const patience = { timeout: 50_000 };
      await expect.poll(judged, patience).toBeGreaterThan(300);
      {
        await using admin = await openRedisClient(redis.url);
        await admin.flushAll();
      }
      const afterFlush = judged();
      await expect.poll(judged, patience).toBeGreaterThan(afterFlush + 300);
      await redis.kill();
      await redis.restart({ data: 'empty' });
      const afterKill = judged();
      await expect.poll(judged, patience).toBeGreaterThan(afterKill + 300);
      ending.abort();
      await load;
      for (const auditor of auditors) await auditor[Symbol.asyncDispose]();
      expect(violations).toEqual([]);
    },
  );
});

/** Writes a value into Redis as nobody but a fault would. */
async function corrupt({ redisUrl, prefix }: Fleet, id: number, version: number): Promise<void> {
  await using client = await openRedisClient(redisUrl);
  const [name = ''] = await client.keys(`${prefix}:*:register:${id}`);
  const payload = Buffer.from(JSON.stringify({ id, text: `version ${version}` }));
  const life = { lifeMs: 60_000, expiresAtMs: Date.now() + 60_000 };
  await client.set(name, encodeFinal({ state: 'value', schema: 1, version, payload, ...life }));
}

async function readUntilFound(at: Fleet, violations: readonly unknown[], id = 1): Promise<void> {
  const endMs = performance.now() + foundWithinMs;
  while (violations.length === 0 && performance.now() < endMs) await at.first.registers.read(id);
}

async function abort(process: Fleet['first'], id: number): Promise<unknown> {
  const refusal = new Error('refused');
  return process.cache
    .write(async () => ({
      entries: [process.registers.entry(id)],
      apply: async () => {
        throw refusal;
      },
    }))
    .catch((err: unknown) => {
      if (err !== refusal) throw err;
    });
}

function ignoreOutage(err: unknown): void {
  if (err instanceof CacheUnavailableError || err instanceof DatabaseUnavailableError) return;
  throw err;
}
