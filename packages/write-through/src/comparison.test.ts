import { describe, expect, it } from 'vitest';
import { compareWithDatabase } from './comparison.ts';
import type { FinalEntry } from './entry.ts';
import type { Epoch } from './epoch.ts';
import { interceptedStore } from './intercepted-store.ts';
import type { RecordSource, SourceRecord } from './record-source.ts';
import { MemoryEntryStore } from './testing/memory-entry-store.ts';

const attempt = { xid: 9n, token: '00000000000000a1' };
const nonce = '00000000000000b1';
const life = { lifeMs: 1_000, expiresAtMs: 2_000_000_000_000 };

function value(version: number, text: string, schema = 1): FinalEntry {
  return {
    state: 'value',
    schema,
    version,
    payload: Buffer.from(JSON.stringify({ text })),
    ...life,
  };
}

function none(version: number): FinalEntry {
  return { state: 'none', version, ...life };
}

/** Texts in a database that is a variable, beside a store in memory. */
class Bench {
  readonly store = new MemoryEntryStore();
  readonly records = new Map<string, SourceRecord<{ text: string }>>();
  epoch: Epoch | undefined;
  /** Runs after the records were read, before the entries are looked at again. */
  meanwhile: () => unknown = () => undefined;
  loads = 0;
  /** Keys that wait in the outbox, and what happened in which order. */
  readonly waiting = new Set<string>();
  readonly order: string[] = [];

  readonly source: RecordSource<number, { text: string }> = {
    namespace: 'text',
    schema: 1,
    lifeMs: 1_000,
    versioned: true,
    key: String,
    load: async (ids) => {
      this.loads += 1;
      this.order.push('load');
      const found = new Map(
        ids.flatMap((id) => {
          const record = this.records.get(String(id));
          return record === undefined ? [] : [[String(id), record] as const];
        }),
      );
      await this.meanwhile();
      return found;
    },
    encode: (record) => Buffer.from(JSON.stringify(record)),
    decode: (payload) => {
      const record: { text: string } = JSON.parse(payload.toString());
      return record;
    },
  };

  static async open(): Promise<Bench> {
    const bench = new Bench();
    bench.epoch = await bench.store.install(0, 'e');
    return bench;
  }

  stored(version: number, text: string): void {
    this.records.set('1', { version, value: { text } });
  }

  async cached(entry: FinalEntry): Promise<void> {
    await this.intend();
    await this.publish(entry);
  }

  async intend(): Promise<void> {
    if (this.epoch) await this.store.intend(this.epoch, 'text:1', { attempt, nonce });
  }

  async publish(entry?: FinalEntry): Promise<void> {
    if (this.epoch) await this.store.publish(this.epoch, 'text:1', { attempt, entry });
  }

  async compare() {
    const current = () => this.epoch;
    const epochs = {
      get current() {
        return current();
      },
      distrust: () => undefined,
    };
    const outbox = {
      waiting: async () => {
        this.order.push('outbox');
        return this.waiting;
      },
    };
    const store = interceptedStore(this.store, async (step, send) => {
      this.order.push(step);
      return send();
    });
    return compareWithDatabase(this.source, { store, epochs, outbox }, [1]);
  }

  async verdict() {
    return (await this.compare())[0]?.verdict;
  }
}

describe('an entry beside its record', () => {
  it.each([
    ['same', value(2, 'a'), { version: 2, value: { text: 'a' } }],
    ['same', none(2), undefined],
    ['stale', value(1, 'a'), { version: 2, value: { text: 'b' } }],
    ['stale', value(1, 'a'), undefined],
    ['stale', none(0), { version: 1, value: { text: 'a' } }],
    ['stale', none(2), { version: 2, value: { text: 'a' } }],
    ['ahead', value(3, 'c'), { version: 2, value: { text: 'b' } }],
    ['ahead', none(3), { version: 2, value: { text: 'b' } }],
    ['different', value(2, 'a'), { version: 2, value: { text: 'b' } }],
    ['unjudged', value(1, 'a', 2), { version: 2, value: { text: 'b' } }],
  ] as const)('is %s: %o beside %o', async (verdict, entry, record) => {
    const at = await Bench.open();
    await at.cached(entry);
    if (record !== undefined) at.records.set('1', record);
    expect(await at.verdict()).toBe(verdict);
  });

  it('tells both versions of what is wrong', async () => {
    const at = await Bench.open();
    await at.cached(value(1, 'a'));
    at.stored(2, 'b');
    const [found] = await at.compare();
    expect(found).toEqual({
      id: 1,
      key: 'text:1',
      verdict: 'stale',
      cachedVersion: 1,
      storedVersion: 2,
    });
  });

  it('is not judged while it is pending, leased or absent', async () => {
    const at = await Bench.open();
    at.stored(2, 'b');
    expect(await at.verdict()).toBe('absent');
    if (at.epoch) await at.store.lease(at.epoch, 'text:1', { token: nonce, lifeMs: 1_000 });
    expect(await at.verdict()).toBe('unjudged');
    await at.intend();
    expect(await at.verdict()).toBe('unjudged');
  });

  it('is not judged if a write or an eviction came in between, whatever the database tells', async () => {
    const at = await Bench.open();
    await at.cached(value(1, 'a'));
    at.stored(2, 'b');
    at.meanwhile = async () => at.intend();
    expect(await at.verdict()).toBe('unjudged');
    at.meanwhile = async () => at.publish(value(2, 'b'));
    expect(await at.verdict()).toBe('unjudged');
    await at.cached(value(1, 'a'));
    at.meanwhile = () => at.epoch && at.store.evict(at.epoch, 'text:1');
    expect(await at.verdict()).toBe('unjudged');
  });

  it('is not judged while a change made past the cache waits in the outbox', async () => {
    const at = await Bench.open();
    await at.cached(value(1, 'a'));
    at.stored(2, 'b');
    at.waiting.add('text:1');
    expect(await at.compare()).toEqual([
      { id: 1, key: 'text:1', verdict: 'unjudged', cachedVersion: null, storedVersion: null },
    ]);
    at.waiting.clear();
    expect(await at.verdict()).toBe('stale');
  });

  it('is looked up in the outbox between the record and the second look, and only if they differ', async () => {
    const at = await Bench.open();
    await at.cached(value(1, 'a'));
    at.stored(2, 'b');
    await at.compare();
    expect(at.order).toEqual(['get', 'load', 'outbox', 'get']);
    at.order.length = 0;
    at.stored(1, 'a');
    await at.compare();
    expect(at.order).toEqual(['get', 'load', 'get']);
  });

  it('is judged although its life was given anew in between', async () => {
    const at = await Bench.open();
    await at.cached(value(1, 'a'));
    at.stored(2, 'b');
    at.meanwhile = async () => {
      const longer = { ...value(1, 'a'), expiresAtMs: life.expiresAtMs + 5 };
      if (at.epoch) await at.store.extend(at.epoch, 'text:1', longer);
    };
    expect(await at.verdict()).toBe('stale');
  });

  it('proves nothing if the epoch ended, or its trust, before the answer was there', async () => {
    const at = await Bench.open();
    await at.cached(value(1, 'a'));
    at.stored(2, 'b');
    const { epoch } = at;
    at.meanwhile = () => void (at.epoch = undefined);
    expect(await at.compare()).toEqual([]);
    at.epoch = epoch;
    at.meanwhile = async () => at.store.install(1, 'f');
    expect(await at.compare()).toEqual([]);
  });

  it('asks no store at all while the epoch is not trusted', async () => {
    const at = await Bench.open();
    await at.store[Symbol.asyncDispose]();
    at.epoch = undefined;
    expect(await at.compare()).toEqual([]);
    expect(at.loads).toBe(0);
  });
});
