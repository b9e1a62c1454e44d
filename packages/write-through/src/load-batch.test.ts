import { describe, expect, it } from 'vitest';
import { Bulkhead } from './bulkhead.ts';
import { DatabaseOverloadedError, DatabaseUnavailableError } from './errors.ts';
import { LoadBatch } from './load-batch.ts';
import type { SourceRecord } from './record-source.ts';

const unreadable = 13;

/** A table that holds every id up to 99, and the statements that were sent to it. */
class Table {
  readonly statements: number[][] = [];
  outage: Error | undefined;

  batch(sizeMax = 100, waitingMax = 1_000): LoadBatch<number, string> {
    return new LoadBatch<number, string>(
      {
        namespace: 'text',
        schema: 1,
        lifeMs: 1_000,
        versioned: true,
        key: String,
        load: async (ids) => this.#load(ids),
        encode: (value) => Buffer.from(value),
        decode: (payload) => payload.toString(),
      },
      { bulkhead: new Bulkhead({ runningMax: 2, waitingMax: 10 }), sizeMax, waitingMax },
    );
  }

  async #load(ids: readonly number[]): Promise<Map<string, SourceRecord<string>>> {
    this.statements.push([...ids]);
    if (this.outage !== undefined) throw this.outage;
    if (ids.includes(unreadable)) throw new RangeError('The row cannot be read.');
    const found = ids.filter((id) => id < 100);
    return new Map(found.map((id) => [String(id), { version: id, value: `text ${id}` }]));
  }
}

describe('LoadBatch', () => {
  it('collects the loads of one turn into one statement', async () => {
    const table = new Table();
    const batch = table.batch();
    const loads = [batch.load(1), batch.load(2), batch.load(100)];
    expect(table.statements).toEqual([]);
    expect(await Promise.all(loads)).toEqual([
      { version: 1, value: 'text 1' },
      { version: 2, value: 'text 2' },
      undefined,
    ]);
    expect(table.statements).toEqual([[1, 2, 100]]);
  });

  it('asks anew for a load that comes after its statement was sent', async () => {
    const table = new Table();
    const batch = table.batch();
    await batch.load(1);
    await batch.load(1);
    expect(table.statements).toEqual([[1], [1]]);
  });

  it('never sends a statement for more records than it may', async () => {
    const table = new Table();
    const batch = table.batch(2);
    const ids = [1, 2, 3, 4, 5];
    const records = await Promise.all(ids.map(async (id) => batch.load(id)));
    expect(records.map((record) => record?.version)).toEqual(ids);
    expect(table.statements).toEqual([[1, 2], [3, 4], [5]]);
  });

  it('fails nobody but its own readers for one record that cannot be read', async () => {
    const table = new Table();
    const batch = table.batch();
    const loads = [1, unreadable, 100, unreadable].map(async (id) => batch.load(id));
    expect(await Promise.allSettled(loads)).toMatchObject([
      { status: 'fulfilled', value: { version: 1, value: 'text 1' } },
      { status: 'rejected', reason: { message: 'The row cannot be read.' } },
      { status: 'fulfilled', value: undefined },
      { status: 'rejected', reason: { message: 'The row cannot be read.' } },
    ]);
  });

  it('finds one record among many that cannot be read in a few statements', async () => {
    const table = new Table();
    const batch = table.batch();
    const loads = Array.from({ length: 64 }, async (_, id) => batch.load(id));
    const ends = await Promise.allSettled(loads);
    expect(ends.map(({ status }) => status).indexOf('rejected')).toBe(unreadable);
    expect(ends.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(table.statements.length).toBe(1 + 2 * Math.log2(64));
  });

  it('asks but once for a record that cannot be read and was asked for alone', async () => {
    const table = new Table();
    await expect(table.batch().load(unreadable)).rejects.toThrow('The row cannot be read.');
    expect(table.statements).toEqual([[unreadable]]);
  });

  it('refuses a read before it begins when too many have begun and were not sent', async () => {
    const batch = new Table().batch(100, 2);
    const lease = Promise.withResolvers<void>();
    const read = async (id: number) =>
      batch.admit(async () => lease.promise.then(() => batch.load(id)));
    const reads = [read(1), read(2)];
    let isBegun = false;
    const third = batch.admit(async () => (isBegun = true));
    await expect(third).rejects.toThrow(DatabaseOverloadedError);
    expect(isBegun).toBe(false);
    lease.resolve();
    await Promise.all(reads);
    expect(await read(3)).toMatchObject({ version: 3 });
  });

  it('lets in a call of many reads whole or not at all, and one of any size while nobody waits', async () => {
    const batch = new Table().batch(100, 4);
    expect(() => batch.requireRoom(50)).not.toThrow();
    const held = Promise.withResolvers<void>();
    const reads = [1, 2].map(async () => batch.admit(async () => held.promise));
    expect(() => batch.requireRoom(2)).not.toThrow();
    expect(() => batch.requireRoom(3)).toThrow(DatabaseOverloadedError);
    held.resolve();
    await Promise.all(reads);
  });

  it('does not ask one by one again while the database is away', async () => {
    const table = new Table();
    table.outage = new DatabaseUnavailableError('PostgreSQL is away.');
    const batch = table.batch();
    const loads = await Promise.allSettled([batch.load(1), batch.load(2), batch.load(3)]);
    expect(loads).toEqual(loads.map(() => ({ status: 'rejected', reason: table.outage })));
    expect(table.statements).toEqual([[1, 2, 3]]);
  });
});
