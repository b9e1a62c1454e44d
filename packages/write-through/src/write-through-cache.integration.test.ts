import { describe, expect, it } from 'vitest';
import { openFleet } from './testing/fleet.ts';
import { checkHistory, type Operation } from './testing/history.ts';
import { pagesOf } from './warm.ts';

describe('WriteThroughCache on PostgreSQL and Redis', () => {
  it('serves a written record from the cache at once, in every process', async () => {
    await using at = await openFleet();
    expect(await at.first.set(1, 'second')).toEqual({ version: 2, outcome: 'published' });
    const expected = { outcome: 'hit', value: { id: 1, text: 'second' } };
    expect(await at.first.registers.read(1)).toEqual(expected);
    const other = await at.another();
    expect(await other.registers.read(1)).toEqual(expected);
    expect(at.first.loads + other.loads).toBe(0);
  });

  it('reads an absent entry from the database once and then from the cache', async () => {
    await using at = await openFleet();
    expect(await at.first.registers.read(2)).toMatchObject({ outcome: 'miss' });
    expect(await at.first.registers.read(2)).toMatchObject({ outcome: 'hit' });
    expect(at.first.loads).toBe(1);
  });

  it('remembers that a record does not exist until it is created', async () => {
    await using at = await openFleet();
    expect(await at.first.registers.read(99)).toEqual({ outcome: 'miss', value: undefined });
    expect(await at.first.registers.read(99)).toEqual({ outcome: 'negative', value: undefined });
    await at.first.set(99, 'born');
    expect(await at.first.registers.read(99)).toMatchObject({ value: { text: 'born' } });
  });

  it('knows a removed record as absent without asking the database', async () => {
    await using at = await openFleet();
    expect(await at.first.remove(3)).toBe(2);
    expect(await at.first.registers.read(3)).toEqual({ outcome: 'negative', value: undefined });
    expect(at.first.loads).toBe(0);
  });

  it('answers a thousand simultaneous reads of an absent entry with one load', async () => {
    await using at = await openFleet();
    const reads = Array.from({ length: 1_000 }, async () => at.first.registers.read(4));
    const results = await Promise.all(reads);
    expect(new Set(results.map(({ value }) => value?.text))).toEqual(new Set(['first']));
    expect(at.first.loads).toBe(1);
  });

  it('loads the absent ones of many keys with one statement', async () => {
    await using at = await openFleet();
    await at.first.registers.read(1);
    const results = await at.first.registers.readMany([5, 1, 6, 98, 7]);
    expect(results.map(({ outcome, value }) => [outcome, value?.id])).toEqual([
      ['miss', 5],
      ['hit', 1],
      ['miss', 6],
      ['miss', undefined],
      ['miss', 7],
    ]);
    expect(at.first.loads).toBe(2);
  });

  it('leaves database and cache as they were when the plan refuses', async () => {
    await using at = await openFleet();
    await at.first.set(1, 'second');
    const refusing = at.first.cache.write(async (db) => ({
      entries: [at.first.registers.entry(1)],
      apply: async (last) => {
        await at.first
          .plan(
            1,
            'never',
          )(db)
          .then(async (planned) => planned.apply(last));
        throw new Error('refused');
      },
    }));
    await expect(refusing).rejects.toThrow('refused');
    expect(await at.first.stored(1)).toEqual({ version: 2, text: 'second' });
    expect(await at.first.registers.read(1)).toMatchObject({ value: { text: 'second' } });
  });

  it('starts a write again that finds its plan outdated', async () => {
    await using at = await openFleet();
    let plans = 0;
    const { value } = await at.first.cache.write(async (db) => {
      plans += 1;
      const planned = await at.first.plan(1, 'second')(db);
      return plans < 3 ? { ...planned, apply: async () => 'outdated' as const } : planned;
    });
    expect([plans, value]).toEqual([3, 2]);
  });

  it('loses none of 200 simultaneous writes of one record by two processes', async () => {
    await using at = await openFleet();
    const other = await at.another();
    const writes = Array.from({ length: 200 }, async (_, index) =>
      (index % 2 ? at.first : other).set(1, `text ${index}`),
    );
    const versions = (await Promise.all(writes)).map(({ version }) => version);
    expect(versions.toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 200 }, (_, i) => i + 2),
    );
    const stored = await at.first.stored(1);
    expect((await at.first.registers.read(1)).value?.text).toBe(stored?.text);
  });

  it('warms absent entries and never replaces what is there', async () => {
    await using at = await openFleet();
    await at.first.set(1, 'second');
    const ids = Array.from({ length: 20 }, (_, index) => index + 1);
    const steps = await Array.fromAsync(at.first.registers.warm(pagesOf(ids), { pageSize: 8 }));
    expect(steps.map(({ loaded }) => loaded)).toEqual([8, 16, 20]);
    const results = await at.first.registers.readMany(ids);
    expect(results.every(({ outcome }) => outcome === 'hit')).toBe(true);
    expect(results[0]?.value?.text).toBe('second');
  });

  it('warms beside writers and readers without a stale read, and leaves no entry that differs', async () => {
    await using at = await openFleet();
    const count = 300;
    await at.first.outside(
      `INSERT INTO registers SELECT id, 1, '1' FROM generate_series(21, ${count}) AS id`,
    );
    await at.first.outside(`UPDATE registers SET text = '1'`);
    const other = await at.another();
    const ids = Array.from({ length: count }, (_, index) => index + 1);
    const history: Operation[] = [];
    const stop = new AbortController();
    const write = async (lane: number) => {
      for (let turn = 0; !stop.signal.aborted; turn += 1) {
        const id = 1 + ((turn * 7 + lane) % count);
        const beganMs = performance.now();
        const version = await other.increment(id);
        const endedMs = performance.now();
        history.push({ kind: 'write', key: String(id), version, beganMs, endedMs });
      }
    };
    const read = async (bed: typeof other) => {
      for (let turn = 0; !stop.signal.aborted; turn += 20) {
        const page = ids.slice(turn % count, (turn % count) + 20);
        const beganMs = performance.now();
        const results = await bed.registers.readMany(page);
        const endedMs = performance.now();
        for (const [index, { value }] of results.entries()) {
          const [key, version] = [String(page[index]), Number(value?.text)];
          history.push({ kind: 'read', key, version, beganMs, endedMs });
        }
      }
    };
    const load = [write(0), write(3), read(at.first), read(other)];
    for (let round = 0; round < 10; round += 1) {
      await Promise.all(ids.filter((id) => id % 3 === round % 3).map(async (id) => at.evict(id)));
      await Array.fromAsync(at.first.registers.warm(pagesOf(ids), { pageSize: 50 }));
    }
    stop.abort();
    await Promise.all(load);
    expect(history.filter(({ kind }) => kind === 'write').length).toBeGreaterThan(50);
    expect(checkHistory(history)).toEqual([]);
    const verdicts = (await at.first.registers.compare(ids)).map(({ verdict }) => verdict);
    expect(new Set(verdicts)).toEqual(new Set(['same']));
  });
});
