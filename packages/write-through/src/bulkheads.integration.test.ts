import { startTestRedis } from '@throughline/local-stack/testing';
import pg from 'pg';
import { expect, it } from 'vitest';
import { CacheUnavailableError, DatabaseOverloadedError } from './errors.ts';
import { defaultLimits } from './limits.ts';
import { openFleet } from './testing/fleet.ts';
import { writesApplicationName } from './testing/register-bed.ts';

/** What a busy machine may take beyond a limit of ours. */
const slackMs = 2_000;

it.each([
  ['reject', 500],
  ['degrade', 0],
] as const)(
  'with Redis stalled and 500 writes at once, no write holds a connection for longer than the INTEND budget, and readers get theirs (%s)',
  { timeout: 60_000 },
  async (onFailure, refusedMin) => {
    await using redis = await startTestRedis();
    await using at = await openFleet({ redisUrl: redis.url, onFailure, connectionsMax: 20 });
    await using watch = await openWatch(at.databaseUrl);
    await redis.pause();
    const writes = Array.from({ length: 500 }, async (_, index) =>
      at.first.set(1 + (index % 20), `write ${index}`).then(
        () => 'written',
        (err: unknown) => err,
      ),
    );
    let reads = 0;
    const ending = new AbortController();
    const settled = Promise.all(writes).finally(() => ending.abort());
    let [oldestMs, mostWriting] = [0, 0];
    while (!ending.signal.aborted) {
      const [result] = await at.first.registers.readMany([1 + (reads % 20)]);
      expect(result?.value).toBeDefined();
      reads += 1;
      const { writing, ageMs } = await watch.look();
      [oldestMs, mostWriting] = [Math.max(oldestMs, ageMs), Math.max(mostWriting, writing)];
    }
    const ends = await settled;
    await redis.resume();
    const refused = ends.filter((end) => end !== 'written');
    console.log(
      `${onFailure}: ${reads} reads; ${refused.length} of 500 writes refused; at most ${mostWriting} transactions, the oldest ${Math.round(oldestMs)} ms`,
    );
    expect(reads).toBeGreaterThan(10);
    expect(mostWriting).toBeGreaterThan(1);
    expect(mostWriting).toBeLessThanOrEqual(defaultLimits.writesMax);
    expect(oldestMs).toBeLessThan(defaultLimits.intendBudgetMs + slackMs);
    expect(refused.filter((err) => !isHonest(err))).toEqual([]);
    const stored = await Promise.all(
      Array.from({ length: 20 }, async (_, id) => at.first.stored(id + 1)),
    );
    const versions = stored.reduce((sum, row) => sum + (row?.version ?? 0), 0);
    expect(versions).toBe(20 + ends.length - refused.length);
    expect(refused.length).toBeGreaterThanOrEqual(refusedMin);
  },
);

function isHonest(err: unknown): boolean {
  return err instanceof CacheUnavailableError || err instanceof DatabaseOverloadedError;
}

/** Looks at the write transactions that are open, and not at those that change the epoch. */
async function openWatch(databaseUrl: string) {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  return {
    look: async () => {
      const { rows } = await client.query<{ writing: number; age_ms: number }>(
        `SELECT count(*)::int AS writing,
                coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)) * 1000, 0)::float AS age_ms
         FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = $1 AND backend_xid IS NOT NULL`,
        [writesApplicationName],
      );
      return { writing: rows[0]?.writing ?? 0, ageMs: rows[0]?.age_ms ?? 0 };
    },
    [Symbol.asyncDispose]: async () => client.end(),
  };
}
