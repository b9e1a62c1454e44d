import { describe, expect, it } from 'vitest';
import type { EntryStore } from './entry-store.ts';
import { interceptedStore } from './intercepted-store.ts';
import { type Fleet, openFleet } from './testing/fleet.ts';
import { Gate } from './testing/gate.ts';
import { interceptedTransactions } from './testing/intercepted-transactions.ts';
import { openRedisClient } from './testing/redis-client.ts';

const patience = { timeout: 10_000 };
const often = { sweepEveryMs: 50, overdueMs: 0 };
const never = { sweepEveryMs: 3_600_000 };

describe('the sweeper', () => {
  it('takes away what a dead writer left on a record that nobody reads', async () => {
    await using at = await openFleet({ limits: never });
    const dying = await at.another({ limits: never, wrapStore: withoutPublish });
    expect(await dying.set(1, 'second')).toMatchObject({ outcome: 'deferred' });
    expect(await pendingNames(at)).toHaveLength(1);
    const sweeping = await at.another({ limits: often });
    await expect.poll(async () => pendingNames(at), patience).toEqual([]);
    expect(await at.first.registers.read(1)).toMatchObject({
      outcome: 'miss',
      value: { text: 'second' },
    });
    await expect.poll(() => sweeping.cache.state.pendingEntries, patience).toBe(0);
  });

  it('leaves what a living writer has under way', async () => {
    let sweeps = 0;
    await using at = await openFleet({
      limits: often,
      wrapStore: (store) =>
        interceptedStore(store, async (step, send) => {
          if (step === 'sweep') sweeps += 1;
          return send();
        }),
    });
    const gate = new Gate();
    const writer = await at.another({
      wrapTransactions: (transactions) =>
        interceptedTransactions(transactions, async (step) => {
          if (step === 'commit') await gate.pass();
        }),
    });
    const write = writer.set(1, 'second');
    await gate.arrived;
    await expect.poll(() => at.first.cache.state.pendingEntries, patience).toBe(1);
    const before = await pendingNames(at);
    const sweptBefore = sweeps;
    const waitedMs = at.first.cache.state.oldestPendingMs ?? 0;
    await expect.poll(() => sweeps, patience).toBeGreaterThan(sweptBefore + 2);
    expect(at.first.cache.state.oldestPendingMs).toBeGreaterThan(waitedMs);
    expect(await pendingNames(at)).toEqual(before);
    gate.open();
    expect(await write).toMatchObject({ outcome: 'published' });
    await expect.poll(() => at.first.cache.state.pendingEntries, patience).toBe(0);
    expect(at.first.cache.state.oldestPendingMs).toBe(0);
  });

  it('deletes what old epochs left pending', async () => {
    await using at = await openFleet({ limits: never });
    const dying = await at.another({ limits: never, wrapStore: withoutPublish });
    await dying.set(1, 'second');
    await using admin = await openRedisClient(at.redisUrl);
    await admin.del(await admin.keys(`${at.prefix}:*:epoch`));
    expect(await at.first.registers.read(1)).toMatchObject({ value: { text: 'second' } });
    await expect.poll(() => at.first.cache.state, patience).toMatchObject({ epoch: 2 });
    expect(await pendingNames(at)).toHaveLength(1);
    await at.another({ limits: often });
    await expect.poll(async () => pendingNames(at), patience).toEqual([]);
  });
});

/** What its writers publish is lost, as if they died after COMMIT. */
function withoutPublish(store: EntryStore): EntryStore {
  return interceptedStore(store, async (step, send) => {
    if (step === 'publish') throw new Error('The publication is lost.');
    return send();
  });
}

/** Names of entries without a life. */
async function pendingNames(at: Fleet): Promise<string[]> {
  await using admin = await openRedisClient(at.redisUrl);
  const names = await admin.keys(`${at.prefix}:*:register:*`);
  const lives = await Promise.all(names.map(async (name) => admin.pTTL(name)));
  return names.filter((_, index) => lives[index] === -1);
}
