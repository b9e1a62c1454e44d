import { spawnNode, startTestRedis } from '@throughline/local-stack/testing';
import { describe, expect, it } from 'vitest';
import { DatabaseUnavailableError } from './errors.ts';
import { type Fleet, type MemberOptions, openFleet } from './testing/fleet.ts';
import { Gate } from './testing/gate.ts';
import { interceptedStore, type StoreStep } from './intercepted-store.ts';
import { type DatabaseStep, interceptedTransactions } from './testing/intercepted-transactions.ts';
import type { RegisterBed } from './testing/register-bed.ts';
import { pagesOf } from './warm.ts';

const patience = { timeout: 10_000 };
const drains = { drains: true } as const;

/** Has the register in the cache, as every process is answered. */
async function cache(bed: RegisterBed, id = 1): Promise<void> {
  await expect.poll(async () => (await bed.registers.read(id)).outcome, patience).toBe('hit');
}

async function expectText(bed: RegisterBed, text: string, id = 1): Promise<void> {
  await expect.poll(async () => (await bed.registers.read(id)).value?.text, patience).toBe(text);
}

async function expectDrained(bed: RegisterBed): Promise<void> {
  await expect.poll(async () => bed.waitingRows(), patience).toBe(0);
}

/** A store whose first use of a step waits at the gate. */
function heldUp(step: StoreStep, gate: Gate): MemberOptions {
  let isFirst = true;
  return {
    wrapStore: (store) =>
      interceptedStore(store, async (sent, send) => {
        if (sent === step && isFirst) {
          isFirst = false;
          await gate.pass();
        }
        return send();
      }),
  };
}

/** Transactions whose first use of a step waits at the gate. */
function heldBefore(step: DatabaseStep, gate: Gate): MemberOptions {
  let isFirst = true;
  return {
    wrapTransactions: (transactions) =>
      interceptedTransactions(transactions, async (sent) => {
        if (sent !== step || !isFirst) return;
        isFirst = false;
        await gate.pass();
      }),
  };
}

describe('a row changed past the cache', () => {
  it('is served old while nobody drains the outbox, and read anew once somebody does', async () => {
    await using at = await openFleet();
    await cache(at.first);
    await at.first.overwrite(1, 'outside');
    expect(await at.first.registers.read(1)).toMatchObject({
      outcome: 'hit',
      value: { text: 'first' },
    });
    expect(await at.first.waitingRows()).toBe(1);
    await at.another(drains);
    await expectText(at.first, 'outside');
    await expectDrained(at.first);
    expect(await at.first.registers.read(1)).toMatchObject({ outcome: 'hit' });
    expect(await at.first.increment(1)).toBe(3);
  });

  it('leaves no row in the outbox when it was rolled back, or changed by a write of ours', async () => {
    await using at = await openFleet();
    await at.first.set(1, 'second');
    await at.first.outside(`
      DO $$ BEGIN UPDATE registers SET text = 'never'; RAISE EXCEPTION 'no';
      EXCEPTION WHEN raise_exception THEN NULL; END $$`);
    expect(await at.first.waitingRows()).toBe(0);
    expect(await at.first.stored(1)).toEqual({ version: 2, text: 'second' });
  });

  it('costs no INTEND where it is not cached', async () => {
    const steps: StoreStep[] = [];
    await using at = await openFleet();
    await at.another({
      ...drains,
      wrapStore: (store) =>
        interceptedStore(store, async (step, send) => {
          steps.push(step);
          return send();
        }),
    });
    await cache(at.first, 2);
    steps.length = 0;
    await at.first.outside("UPDATE registers SET text = 'outside'");
    await expectDrained(at.first);
    await expectText(at.first, 'outside', 2);
    expect(steps.filter((step) => step === 'intend')).toHaveLength(1);
    expect(steps.filter((step) => step === 'publish')).toHaveLength(1);
  });

  it('is told by how many rows wait and for how long', async () => {
    await using at = await openFleet(drains);
    await expect.poll(() => at.first.drain?.state).toEqual({ rows: 0, lagSeconds: 0 });
    const gate = new Gate();
    await using held = await openFleet({ ...drains, ...heldBefore('begin', gate) });
    await held.first.outside("UPDATE registers SET text = 'outside'");
    await gate.arrived;
    expect(held.first.drain?.state?.rows).toBe(20);
    expect(held.first.drain?.state?.lagSeconds).toBeGreaterThan(0);
    gate.open();
    await expect.poll(() => held.first.drain?.state, patience).toEqual({ rows: 0, lagSeconds: 0 });
  });

  it('ends the epoch when everything was changed', async () => {
    await using at = await openFleet(drains);
    const other = await at.another(drains);
    await cache(other);
    await at.first.outside('TRUNCATE registers');
    await expect.poll(async () => (await other.registers.read(1)).value, patience).toBeUndefined();
    await expectDrained(at.first);
    await expect
      .poll(() => [at.first, other].map((bed) => bed.cache.state), patience)
      .toEqual([1, 2].map(() => expect.objectContaining({ epoch: 2, trusted: true })));
  });
});

describe('races with a change from outside, by construction', () => {
  it('a publication of before the change that arrives after it was drained does not win', async () => {
    const gate = new Gate();
    await using at = await openFleet(heldUp('publish', gate));
    expect(await at.first.set(1, 'ours')).toMatchObject({ version: 2, outcome: 'deferred' });
    const other = await at.another(drains);
    await at.first.overwrite(1, 'outside');
    await expectDrained(other);
    gate.open();
    await cache(other);
    expect((await other.registers.inspect(1)).entry).toMatchObject({
      version: 3,
      value: { text: 'outside' },
    });
  });

  it('a fill of before the change that arrives after it was drained is refused', async () => {
    const gate = new Gate();
    await using at = await openFleet(heldUp('fill', gate));
    expect(await at.first.registers.read(1)).toMatchObject({ value: { text: 'first' } });
    await gate.arrived;
    const other = await at.another(drains);
    await other.overwrite(1, 'outside');
    await expectDrained(other);
    gate.open();
    await cache(at.first);
    expect((await at.first.registers.read(1)).value?.text).toBe('outside');
  });

  it('a write of ours under way while the change is drained comes after it', async () => {
    const inside = new Gate();
    await using at = await openFleet();
    const write = at.first.cache.write(async (db) => {
      const planned = await at.first.plan(1, 'ours')(db);
      return {
        ...planned,
        apply: async (last) => inside.pass().then(async () => planned.apply(last)),
      };
    });
    await inside.arrived;
    const other = await at.another(drains);
    await other.overwrite(1, 'outside');
    await expectDrained(other);
    expect(await other.registers.read(1)).toMatchObject({ value: { text: 'outside' } });
    inside.open();
    expect((await write).value).toBe(3);
    await cache(other);
    expect((await other.registers.read(1)).value?.text).toBe('ours');
  });

  it.each(['a cached entry', 'an absent entry'])(
    'a second change that commits before the drain of the first has ended is drained too: %s',
    async (what) => {
      const gate = new Gate();
      await using at = await openFleet({ ...drains, ...heldBefore('commit', gate) });
      const other = await at.another();
      if (what === 'a cached entry') await cache(other);
      await other.overwrite(1, 'outside');
      await gate.arrived;
      expect((await other.registers.read(1)).value?.text).toBe('outside');
      await other.overwrite(1, 'outside again');
      gate.open();
      await expectText(other, 'outside again');
      await expectDrained(other);
      await cache(other);
      expect((await other.registers.read(1)).value?.text).toBe('outside again');
    },
  );
});

describe('the drain', () => {
  it('is shared by several processes, each of which takes what the others have not', async () => {
    const commits = { first: 0, second: 0 };
    await using at = await openFleet();
    await at.first.outside(
      "INSERT INTO registers SELECT id, 1, 'first' FROM generate_series(21, 1000) AS id",
    );
    const ids = Array.from({ length: 1_000 }, (_, index) => index + 1);
    await Array.fromAsync(at.first.registers.warm(pagesOf(ids)));
    await at.first.outside("UPDATE registers SET text = 'outside'");
    const limits = { outboxBatchMax: 10 };
    const counted = (place: 'first' | 'second'): MemberOptions => ({
      ...drains,
      limits,
      wrapTransactions: (transactions) =>
        interceptedTransactions(transactions, async (step) => {
          if (step === 'commit') commits[place] += 1;
        }),
    });
    await Promise.all([at.another(counted('first')), at.another(counted('second'))]);
    await expectDrained(at.first);
    const results = await at.first.registers.readMany(ids);
    expect(results.filter(({ value }) => value?.text !== 'outside')).toEqual([]);
    expect(Math.min(commits.first, commits.second)).toBeGreaterThan(5);
    expect(commits.first + commits.second).toBeLessThan(130);
  });

  it.each(['before intend', 'before commit', 'before publish'])(
    'that is killed %s loses nothing',
    async (stop) => {
      await using at = await openFleet();
      await cache(at.first);
      await using drain = spawnStoppingDrain(at, stop);
      await at.first.overwrite(1, 'outside');
      await drain.waitForLine(/^stopped$/, 20_000);
      drain.kill('SIGKILL');
      await drain.exit;
      await at.another(drains);
      await expectText(at.first, 'outside');
      await expectDrained(at.first);
      await cache(at.first);
      expect((await at.first.registers.read(1)).value?.text).toBe('outside');
    },
  );

  describe.each(['not sent', 'answer lost'] as const)('whose nth I/O step fails (%s)', (fault) => {
    it('tries again, and every reader sees the change', async () => {
      await using at = await openFleet();
      let left = Number.POSITIVE_INFINITY;
      const steps: string[] = [];
      const isHit = (step: string): boolean => {
        steps.push(step);
        left -= 1;
        return left === 0;
      };
      const faulty = await at.another({
        ...drains,
        limits: { intendBudgetMs: 60, backoffMinMs: 1, backoffMaxMs: 5 },
        wrapStore: (store) =>
          interceptedStore(store, async (step, send) => {
            const fails = isHit(step);
            if (fails && fault === 'not sent') throw new Error(`${step} was not sent`);
            const reply = await send();
            if (fails) throw new Error(`the answer to ${step} was lost`);
            return reply;
          }),
        wrapTransactions: (transactions) =>
          interceptedTransactions(
            transactions,
            async (step, transaction) => {
              if (!isHit(step)) return;
              if (transaction !== undefined) await at.first.terminateBackend(transaction.xid);
              else throw new DatabaseUnavailableError(`${step} was not sent`);
            },
            () => fault === 'answer lost' && isHit('answer to commit'),
          ),
      });
      for (let step = 1; ; step += 1) {
        await cache(at.first);
        const text = `outside ${step}`;
        steps.length = 0;
        left = step;
        await at.first.overwrite(1, text);
        await expectDrained(at.first);
        const context = `step ${step} of ${steps.join(', ')}`;
        for (const reader of [at.first, faulty]) {
          expect((await reader.registers.read(1)).value?.text, context).toBe(text);
        }
        if (left > 0) break;
      }
      expect(steps).toEqual(
        expect.arrayContaining(['begin', 'query', 'get', 'intend', 'commit', 'publish']),
      );
    });
  });
});

describe('the outbox while the store is not used', () => {
  it('waits with the policy reject until Redis can be used again, and nothing is lost', async () => {
    await using redis = await startTestRedis();
    await using at = await openFleet({ redisUrl: redis.url, ...drains });
    await cache(at.first);
    await redis.pause();
    await expect
      .poll(async () => (await at.first.registers.read(1)).outcome, patience)
      .toBe('bypass');
    await at.first.overwrite(1, 'outside');
    expect(await at.first.registers.read(1)).toMatchObject({ value: { text: 'outside' } });
    await expect.poll(() => at.first.drain?.state?.rows, patience).toBe(1);
    await redis.resume();
    await expectDrained(at.first);
    await cache(at.first);
    expect((await at.first.registers.read(1)).value?.text).toBe('outside');
    expect(at.first.cache.state.epoch).toBe(1);
  });

  it('waits with the policy degrade as long as nobody writes, so that Redis keeps its entries', async () => {
    await using redis = await startTestRedis();
    await using at = await openFleet({ redisUrl: redis.url, onFailure: 'degrade', ...drains });
    await cache(at.first, 2);
    await redis.pause();
    await expect.poll(() => at.first.cache.state.storeReachable, patience).toBe(false);
    await at.first.overwrite(1, 'outside');
    // Longer than a write of ours would wait before it makes all leave.
    await expect.poll(() => at.first.drain?.state?.lagSeconds, patience).toBeGreaterThan(3);
    expect(at.first.cache.state.mode).toBe('active');
    await redis.resume();
    await expectDrained(at.first);
    expect(at.first.cache.state.epoch).toBe(1);
    expect((await at.first.registers.read(1)).value?.text).toBe('outside');
  });

  it('is emptied in bypass, and what is cached afterwards holds the change', async () => {
    await using redis = await startTestRedis();
    await using at = await openFleet({ redisUrl: redis.url, onFailure: 'degrade', ...drains });
    await cache(at.first);
    await redis.kill();
    expect((await at.first.set(2, 'ours')).outcome).toBe('bypass');
    await at.first.overwrite(1, 'outside');
    await expectDrained(at.first);
    expect(at.first.cache.state.mode).toBe('bypass');
    await redis.restart({ data: 'kept' });
    await cache(at.first);
    expect((await at.first.registers.read(1)).value?.text).toBe('outside');
  });

  it('ends the epoch when entries are used that it cannot change, and tells of it once', async () => {
    await using at = await openFleet();
    await cache(at.first);
    const stuck = await at.another({
      ...drains,
      limits: { outboxPatienceMs: 200, intendBudgetMs: 50 },
      wrapStore: (store) =>
        interceptedStore(store, async (step, send) => {
          if (step === 'intend') throw new Error('out of memory');
          return send();
        }),
    });
    await at.first.overwrite(1, 'outside');
    await expectDrained(at.first);
    await expectText(at.first, 'outside');
    await expect.poll(() => at.first.cache.state.epoch, patience).toBeGreaterThan(1);
    expect(stuck.obstacles).toHaveLength(1);
  });
});

describe('a drain that failed while others drained', () => {
  it('does not take a later failure for the same one: it tells of it, and the epoch goes on', async () => {
    await using at = await openFleet();
    let tries = 0;
    const failing = await at.another({
      ...drains,
      limits: { outboxPatienceMs: 2_000, intendBudgetMs: 1 },
      wrapStore: (store) =>
        interceptedStore(store, async (step, send) => {
          if (step !== 'intend') return send();
          tries += 1;
          throw new Error('a blip');
        }),
    });
    for (const times of [1, 2]) {
      await cache(at.first);
      await at.first.overwrite(1, `outside ${times}`);
      tries = 0;
      await expect.poll(() => failing.obstacles.length, patience).toBe(times);
      await expect.poll(() => tries, patience).toBeGreaterThan(2);
      await at.first.outside('DELETE FROM write_through_outbox');
      const endMs = performance.now() + 2_500;
      await expect.poll(() => performance.now(), patience).toBeGreaterThan(endMs);
    }
    expect(at.first.cache.state.epoch).toBe(1);
  });
});

function spawnStoppingDrain(at: Fleet, stop: string) {
  const file = new URL('testing/stopping-drain.ts', import.meta.url).pathname;
  return spawnNode(file, { args: [at.databaseUrl, at.redisUrl, at.prefix, stop] });
}
