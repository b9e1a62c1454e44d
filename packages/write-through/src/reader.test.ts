import { describe, expect, it } from 'vitest';
import { Bulkhead } from './bulkhead.ts';
import type { Entry } from './entry.ts';
import type { Epoch } from './epoch.ts';
import { defaultLimits } from './limits.ts';
import { Reader } from './reader.ts';
import type { RecordSource, SourceRecord } from './record-source.ts';
import { ManualAmbient } from './testing/manual-ambient.ts';
import { MemoryEntryStore } from './testing/memory-entry-store.ts';
import type { TransactionStatus } from './transactions.ts';

const lifeMs = 10_000;
const key = 'text:1';
const [writerToken, otherToken, nonce] = [
  '00000000000000f1',
  '00000000000000f2',
  '00000000000000f3',
];

/** One text in a database that is a variable, with statuses of transactions that are another. */
class Bench {
  readonly store = new MemoryEntryStore();
  readonly ambient = new ManualAmbient();
  readonly distrusted: string[] = [];
  readonly statuses = new Map<bigint, TransactionStatus>();
  epoch: Epoch | undefined;
  record: SourceRecord<string> | undefined = { version: 1, value: 'first' };
  loads = 0;
  decodes = 0;

  readonly source: RecordSource<number, string> = {
    namespace: 'text',
    schema: 2,
    lifeMs,
    versioned: true,
    key: String,
    load: async (ids) => {
      this.loads += 1;
      const { record } = this;
      return new Map(record === undefined ? [] : ids.map((id) => [String(id), record]));
    },
    encode: (value) => Buffer.from(value),
    decode: (payload) => {
      this.decodes += 1;
      if (payload.length === 0) throw new Error('nothing to decode');
      return payload.toString();
    },
  };

  async open(): Promise<Reader<number, string>> {
    this.epoch = await this.store.install(0, this.ambient.token());
    const current = () => this.epoch;
    return new Reader(this.source, {
      store: this.store,
      ambient: this.ambient,
      limits: defaultLimits,
      bulkhead: new Bulkhead({ runningMax: 8, waitingMax: 100 }),
      transactions: {
        statuses: async (xids) => xids.map((xid) => this.statuses.get(xid) ?? 'in progress'),
      },
      epochs: {
        get current() {
          return current();
        },
        distrust: (_, reason) => void this.distrusted.push(reason),
      },
    });
  }

  async entry(): Promise<Entry | undefined> {
    const entries = this.epoch && (await this.store.get(this.epoch, [key]));
    return entries === undefined || 'state' in entries ? undefined : entries.get(key);
  }

  async intend(xid: bigint, token = writerToken): Promise<void> {
    await this.store.intend(this.#epoch, key, { attempt: { xid, token }, nonce });
  }

  async abandon(xid: bigint, token: string): Promise<void> {
    await this.store.abandon(this.#epoch, key, { xid, token });
  }

  async empty(): Promise<void> {
    this.store.evict(this.#epoch, key);
  }

  async put(schema: number, payload: string): Promise<void> {
    const token = otherToken;
    const life = { lifeMs, expiresAtMs: this.ambient.nowMs() + lifeMs };
    await this.store.lease(this.#epoch, key, { token, lifeMs });
    const entry = {
      state: 'value',
      schema,
      version: 1,
      payload: Buffer.from(payload),
      ...life,
    } as const;
    await this.store.fill(this.#epoch, key, { token, entry });
  }

  get #epoch(): Epoch {
    if (this.epoch === undefined) throw new Error('The bench is not open.');
    return this.epoch;
  }
}

describe('Reader', () => {
  it('gives an entry its span of life again when it is read in the last fifth of it', async () => {
    const bench = new Bench();
    const reader = await bench.open();
    await reader.readMany([1]);
    bench.ambient.advance(lifeMs * 0.75);
    await reader.readMany([1]);
    const early = await bench.entry();
    expect(early).toMatchObject({ expiresAtMs: 1_000_000 + lifeMs });
    bench.ambient.advance(lifeMs * 0.1);
    expect(await reader.readMany([1])).toEqual([{ outcome: 'hit', value: 'first' }]);
    expect(await bench.entry()).toMatchObject({ expiresAtMs: 1_000_000 + lifeMs * 1.85 });
  });

  it.each([
    ['of another schema', 3, 'anything'],
    ['that does not decode', 2, ''],
  ])(
    'answers from the database past an entry %s, and leaves the entry alone',
    async (_, schema, payload) => {
      const bench = new Bench();
      const reader = await bench.open();
      await bench.put(schema, payload);
      expect(await reader.readMany([1])).toEqual([{ outcome: 'miss', value: 'first' }]);
      expect(await bench.entry()).toMatchObject({ state: 'value', schema });
    },
  );

  it('gives the payload of a hit as it is stored, and of a miss as it is then stored', async () => {
    const bench = new Bench();
    const reader = await bench.open();
    const payload = Buffer.from('first');
    expect(await reader.readManyEncoded([1])).toEqual([{ outcome: 'miss', value: payload }]);
    expect(await bench.entry()).toMatchObject({ payload });
    bench.decodes = 0;
    expect(await reader.readManyEncoded([1])).toEqual([{ outcome: 'hit', value: payload }]);
    expect(bench.decodes).toBe(0);
    bench.record = undefined;
    await bench.empty();
    expect(await reader.readManyEncoded([1])).toEqual([{ outcome: 'miss', value: undefined }]);
    expect(await reader.readManyEncoded([1])).toEqual([{ outcome: 'negative', value: undefined }]);
  });

  it('shares a load among those who want the record and those who want its payload', async () => {
    const bench = new Bench();
    const reader = await bench.open();
    const inAir = reader.readMany([1]);
    const read = [reader.readMany([1]), reader.readManyEncoded([1]), reader.readMany([1])];
    await inAir;
    const values = (await Promise.all<{ value: unknown }[]>(read)).map(([result]) => result?.value);
    expect(values).toEqual(['first', Buffer.from('first'), 'first']);
    expect(bench.loads).toBeLessThanOrEqual(2);
  });

  it('loads and fills nothing for who only peeks, and answers as a read does once the answer is taken', async () => {
    const bench = new Bench();
    const reader = await bench.open();
    expect((await reader.peek(1))()).toBeUndefined();
    expect(bench.loads).toBe(0);
    expect(await bench.entry()).toEqual({ state: 'absent' });
    await reader.readMany([1]);
    const take = await reader.peek(1);
    expect(take()).toEqual({ outcome: 'hit', value: 'first' });
    bench.epoch = undefined;
    expect(take()).toBeUndefined();
  });

  it('settles a pending entry once PostgreSQL says that its only writer ended', async () => {
    const bench = new Bench();
    const reader = await bench.open();
    await bench.intend(7n);
    expect(await reader.readMany([1])).toEqual([{ outcome: 'pending', value: 'first' }]);
    expect((await bench.entry())?.state).toBe('pending');
    bench.statuses.set(7n, 'committed');
    bench.record = { version: 2, value: 'second' };
    expect(await reader.readMany([1])).toEqual([{ outcome: 'pending', value: 'second' }]);
    expect(await reader.readMany([1])).toEqual([{ outcome: 'hit', value: 'second' }]);
  });

  it('takes ended writers out of a pending entry while others go on', async () => {
    const bench = new Bench();
    const reader = await bench.open();
    await bench.intend(7n);
    await bench.intend(8n, otherToken);
    bench.statuses.set(7n, 'committed');
    bench.record = { version: 2, value: 'second' };
    await reader.readMany([1]);
    expect(await bench.entry()).toMatchObject({ attempts: [{ xid: 8n }] });
    await bench.abandon(8n, otherToken);
    expect(await bench.entry()).toMatchObject({ state: 'value', version: 2 });
  });

  it('keeps a committed deletion among the pending while its row tells no version', async () => {
    const bench = new Bench();
    const reader = await bench.open();
    await bench.intend(6n, '00000000000000f0');
    await bench.intend(7n);
    await bench.intend(8n, otherToken);
    bench.statuses.set(6n, 'aborted').set(7n, 'committed');
    bench.record = undefined;
    expect(await reader.readMany([1])).toEqual([{ outcome: 'pending', value: undefined }]);
    expect(await bench.entry()).toMatchObject({ attempts: [{ xid: 7n }, { xid: 8n }] });
  });

  it('distrusts an epoch whose pending transactions PostgreSQL has not come to yet', async () => {
    const bench = new Bench();
    const reader = await bench.open();
    await bench.intend(7n);
    bench.statuses.set(7n, 'future');
    expect(await reader.readMany([1])).toEqual([{ outcome: 'bypass', value: 'first' }]);
    expect(bench.distrusted).toEqual(['mark']);
    expect((await bench.entry())?.state).toBe('pending');
  });

  it('bypasses the store without an epoch, and tells of a store that fails', async () => {
    const bench = new Bench();
    const reader = await bench.open();
    const { epoch } = bench;
    bench.epoch = undefined;
    expect(await reader.readMany([1])).toEqual([{ outcome: 'bypass', value: 'first' }]);
    bench.epoch = epoch;
    bench.store.connect(undefined);
    expect(await reader.readMany([1])).toEqual([{ outcome: 'error', value: 'first' }]);
  });

  it('reports a flushed store and fills nothing into it', async () => {
    const bench = new Bench();
    const reader = await bench.open();
    bench.store.flush();
    expect(await reader.readMany([1])).toEqual([{ outcome: 'bypass', value: 'first' }]);
    expect(bench.distrusted).toContain('mark');
  });
});
