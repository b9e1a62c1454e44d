import { startTestRedis } from '@throughline/local-stack/testing';
import { describe, expect, it } from 'vitest';
import { CacheUnavailableError } from './errors.ts';
import { openFleet } from './testing/fleet.ts';
import { Gate } from './testing/gate.ts';

const patience = { timeout: 10_000 };

describe('invalidate', () => {
  it('drops an entry, so that a row changed behind the cache is read anew by every process', async () => {
    await using at = await openFleet();
    const other = await at.another();
    await at.first.registers.read(1);
    await at.first.overwrite(1, 'by hand');
    expect((await other.registers.read(1)).value?.text).toBe('first');
    expect(await at.first.cache.invalidate(at.first.registers.entry(1))).toBe('published');
    expect((await at.first.registers.inspect(1)).entry).toEqual({ state: 'absent' });
    expect(await other.registers.read(1)).toMatchObject({
      outcome: 'miss',
      value: { text: 'by hand' },
    });
  });

  it('leaves the intent of a write under way where it is', async () => {
    const inside = new Gate();
    await using at = await openFleet();
    const write = at.first.cache.write(async (db) => {
      const planned = await at.first.plan(1, 'second')(db);
      return {
        ...planned,
        apply: async (last) => inside.pass().then(async () => planned.apply(last)),
      };
    });
    await inside.arrived;
    await at.first.cache.invalidate(at.first.registers.entry(1));
    const { entry } = await at.first.registers.inspect(1);
    expect(entry).toMatchObject({ state: 'pending', attempts: [{ status: 'in progress' }] });
    inside.open();
    await write;
    expect(await at.first.registers.read(1)).toMatchObject({
      outcome: 'hit',
      value: { text: 'second' },
    });
  });
});

describe('reset', () => {
  it('begins an epoch in which nothing of before is read, for every process', async () => {
    await using at = await openFleet();
    const other = await at.another();
    await other.registers.read(1);
    await at.first.overwrite(1, 'restored');
    const epoch = await at.first.cache.reset();
    expect(epoch).toBe(2);
    expect(at.first.cache.state).toMatchObject({ mode: 'active', epoch, trusted: true });
    await expect.poll(async () => other.cache.state, patience).toMatchObject({ epoch });
    expect((await other.registers.read(1)).value?.text).toBe('restored');
  });

  it('waits for the writers of the epoch that ends', async () => {
    const inside = new Gate();
    await using at = await openFleet();
    const write = at.first.cache.write(async (db) => {
      const planned = await at.first.plan(1, 'second')(db);
      return {
        ...planned,
        apply: async (last) => inside.pass().then(async () => planned.apply(last)),
      };
    });
    await inside.arrived;
    const reset = at.first.cache.reset();
    await expect.poll(async () => at.first.cache.state.mode, patience).not.toBe('active');
    inside.open();
    await write;
    expect(await reset).toBe(2);
    expect((await at.first.registers.read(1)).value?.text).toBe('second');
  });

  it('says so if no new epoch can begin in time, and the old one is over all the same', async () => {
    const redis = await startTestRedis();
    await using _ = redis;
    await using at = await openFleet({ redisUrl: redis.url, limits: { resetBudgetMs: 300 } });
    await at.first.registers.read(1);
    await redis.kill();
    await expect(at.first.cache.reset()).rejects.toThrow(CacheUnavailableError);
    await redis.restart({ data: 'empty' });
    await expect.poll(async () => at.first.cache.state, patience).toMatchObject({ epoch: 2 });
  });
});

describe('inspect', () => {
  it('tells version, schema, content and life of a value', async () => {
    await using at = await openFleet();
    await at.first.set(1, 'second');
    const found = await at.first.registers.inspect(1);
    expect(found).toMatchObject({
      key: 'register:1',
      epoch: 1,
      entry: { state: 'value', version: 2, schema: 1, value: { id: 1, text: 'second' } },
    });
    const { entry } = found;
    if (entry.state !== 'value') throw new Error('The entry is no value.');
    expect(entry.lifeLeftMs).toBeGreaterThan(0);
    expect(entry.lifeLeftMs).toBeLessThanOrEqual(entry.lifeMs);
  });

  it('tells of a deleted record since which version it is known not to be', async () => {
    await using at = await openFleet();
    await at.first.remove(1);
    expect((await at.first.registers.inspect(1)).entry).toMatchObject({
      state: 'none',
      version: 2,
    });
  });

  it('tells the transactions of a pending entry and the version that was published meanwhile', async () => {
    const inside = new Gate();
    await using at = await openFleet();
    const slow = at.first.cache.write(async () => ({
      entries: [at.first.registers.entry(1)],
      apply: async () => inside.pass().then(() => ({ value: undefined, changes: [] })),
    }));
    await inside.arrived;
    await at.first.set(1, 'second');
    expect((await at.first.registers.inspect(1)).entry).toEqual({
      state: 'pending',
      attempts: [{ xid: expect.stringMatching(/^\d+$/), status: 'in progress' }],
      bestVersion: 2,
    });
    inside.open();
    await slow;
  });

  it('tells that nobody looks into a Redis that is away', async () => {
    const redis = await startTestRedis();
    await using _ = redis;
    await using at = await openFleet({ redisUrl: redis.url });
    await redis.kill();
    await expect
      .poll(async () => at.first.registers.inspect(1), patience)
      .toEqual({ key: 'register:1', epoch: null, entry: { state: 'untrusted' } });
    await redis.restart({ data: 'empty' });
    await expect
      .poll(async () => at.first.registers.inspect(1), patience)
      .toEqual({ key: 'register:1', epoch: 2, entry: { state: 'absent' } });
  });
});
