import {
  createTestDatabase,
  redisKeyPrefix,
  startTestRedis,
} from '@throughline/local-stack/testing';
import { describe, expect, it } from 'vitest';
import { WriteThroughError } from './errors.ts';
import { interceptedStore } from './intercepted-store.ts';
import { answerMs } from './postgres/connection-pool.ts';
import { openFleet } from './testing/fleet.ts';
import { Gate } from './testing/gate.ts';
import { openRedisClient } from './testing/redis-client.ts';
import { openRedisEntryStore } from './testing/open-redis-entry-store.ts';
import { createRegisterTables, RegisterBed } from './testing/register-bed.ts';
import { TcpProxy } from './testing/tcp-proxy.ts';

/** What a busy machine may take beyond a limit of ours. */
const slackMs = 2_000;

describe('somebody who says no more', () => {
  it(
    'a connection to PostgreSQL lost in silence costs its users a bounded wait, and nobody else anything',
    { timeout: 40_000 },
    async () => {
      await using database = await createTestDatabase({
        name: 'registers',
        prepare: createRegisterTables,
      });
      await using redis = await startTestRedis();
      await using admin = await openRedisClient(redis.url);
      await using proxy = await TcpProxy.open(database.url);
      await using store = await openRedisEntryStore({ url: redis.url, prefix: redisKeyPrefix() });
      await using ends = new AsyncDisposableStack();
      const bed = ends.use(await RegisterBed.open({ databaseUrl: proxy.url, store }));
      await bed.set(1, 'second');
      await bed.registers.read(9);
      // One connection each for reads, for writes, and for the keeper.
      expect(proxy.silence()).toBeGreaterThanOrEqual(3);

      const loads = bed.loads;
      const users = [took(bed.registers.read(5)), took(bed.set(2, 'second'))];
      // Records asked for in one turn share a statement, so the others come when these have been sent.
      await expect.poll(() => bed.loads).toBe(loads + 1);
      // The pools know of no other connection, so the next ones are new, and these the network carries.
      const [other, otherWrite] = await Promise.all([
        took(bed.registers.read(6)),
        took(bed.set(3, 'second')),
      ]);
      expect(other).toMatchObject({ value: { value: { text: 'first' } } });
      expect(otherWrite).toMatchObject({ value: { version: 2 } });
      expect(Math.max(other.ms, otherWrite.ms)).toBeLessThan(slackMs);

      // The keeper is among the users. It hears of the new epoch's need when its own wait is over.
      await admin.flushAll();
      expect((await bed.registers.read(7)).value?.text).toBe('first');
      for (const user of await Promise.all(users)) {
        expect(user.value).toBeInstanceOf(WriteThroughError);
        expect(user.ms).toBeLessThan(answerMs + slackMs);
      }
      expect(await took(bed.registers.read(5))).toMatchObject({
        value: { value: { text: 'first' } },
      });
      await expect.poll(() => bed.cache.state.trusted, { timeout: 10_000 }).toBe(true);
      expect((await bed.set(2, 'third')).version).toBe(2);
      const ending = await took(ends.disposeAsync());
      expect(ending).toMatchObject({ value: undefined });
      expect(ending.ms).toBeLessThan(slackMs);
    },
  );

  it('a process that stops while it begins an epoch does not hold up the writers of the others', async () => {
    await using at = await openFleet();
    await using admin = await openRedisClient(at.redisUrl);
    const gate = new Gate();
    const stopped = await at.another({
      wrapStore: (store) =>
        interceptedStore(store, async (step, send) => {
          if (step === 'install') await gate.pass();
          return send();
        }),
    });
    await admin.del(await admin.keys(`${at.prefix}:*:epoch`));
    // Only this one looks, so it is the one that begins the epoch.
    await stopped.registers.read(1);
    await gate.arrived;
    expect((await at.first.registers.read(1)).value?.text).toBe('first');
    // It is the exclusive lock that they wait for, so one of them fails at first.
    await expect
      .poll(async () => took(at.first.set(1, 'second')), { timeout: 8_000 })
      .toMatchObject({ value: { version: 2 } });
    expect(await at.first.registers.read(1)).toMatchObject({ value: { text: 'second' } });

    // What it marks when it goes on belongs to no epoch that ever began.
    gate.open();
    await expect
      .poll(
        () => {
          const states = [at.first, stopped].map(({ cache }) => cache.state);
          return states.every(({ trusted, epoch }) => trusted && epoch === states[0]?.epoch);
        },
        { timeout: 10_000 },
      )
      .toBe(true);
    expect((await at.first.registers.read(1)).value?.text).toBe('second');
    await expect
      .poll(async () => took(stopped.set(1, 'third')), { timeout: 8_000 })
      .toMatchObject({ value: { version: 3 } });
    expect((await at.first.registers.read(1)).value?.text).toBe('third');
  });
});

/** How long something took, and what it gave or failed with. */
async function took(step: PromiseLike<unknown>): Promise<{ value: unknown; ms: number }> {
  const beganMs = performance.now();
  const value = await step.then(
    (result) => result,
    (err: unknown) => err,
  );
  return { value, ms: performance.now() - beganMs };
}
