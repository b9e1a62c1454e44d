import { describe, expect, it } from 'vitest';
import { Bulkhead } from './bulkhead.ts';
import { CachedList } from './cached-list.ts';
import { CachedRecords } from './cached-records.ts';
import type { Epoch } from './epoch.ts';
import { interceptedStore } from './intercepted-store.ts';
import { defaultLimits } from './limits.ts';
import type { RecordSource } from './record-source.ts';
import { ManualAmbient } from './testing/manual-ambient.ts';
import { MemoryEntryStore } from './testing/memory-entry-store.ts';

const list = 'tools';

/** A list that is a variable, read by two processes through one store. */
class Bench {
  readonly store = new MemoryEntryStore();
  readonly ambient = new ManualAmbient();
  members = ['saw'];
  loads = 0;
  /** The keys of each `get` of the store. */
  readonly asked: string[] = [];
  #epoch: Epoch | undefined;

  async open(): Promise<CachedList<string, number, string[]>> {
    this.#epoch ??= await this.store.install(0, this.ambient.token());
    const store = interceptedStore(this.store, async (step, send) => {
      this.asked.push(step);
      return send();
    });
    const parts = {
      store,
      ambient: this.ambient,
      limits: defaultLimits,
      bulkhead: new Bulkhead({ runningMax: 8, waitingMax: 100 }),
      transactions: { statuses: async () => [] },
      epochs: { current: this.#epoch, distrust: () => undefined },
    };
    const cache = {
      observer: undefined,
      load: async <Result>(statement: () => Promise<Result>) => statement(),
      records: <Id, Value>(source: RecordSource<Id, Value>) => new CachedRecords(source, parts),
    };
    return new CachedList<string, number, string[]>(cache, {
      namespace: 'list',
      schema: 1,
      lifeMs: 10_000,
      listKey: (name) => name,
      pageKey: String,
      loadPage: async (_, page) => {
        this.loads += 1;
        return this.members.slice(page);
      },
      encodePage: (page) => Buffer.from(JSON.stringify(page)),
      decodePage: (payload): string[] => JSON.parse(payload.toString()),
    });
  }

  /** A write of the members, as it leaves the entry of the list. */
  async move(...members: string[]): Promise<void> {
    if (this.#epoch === undefined) throw new Error('The bench is not open.');
    const attempt = { xid: 7n, token: this.ambient.token() };
    const nonce = this.ambient.token();
    await this.store.intend(this.#epoch, `list:${list}`, { attempt, nonce });
    this.members = members;
    await this.store.publish(this.#epoch, `list:${list}`, { attempt });
  }

  /** How many times the store was asked since. */
  takeAsked(): string[] {
    return this.asked.splice(0);
  }
}

describe('a cached list', () => {
  it('asks for the page beside the list version once it knows one', async () => {
    const bench = new Bench();
    const read = await bench.open();
    await read.read(list, 0);
    bench.takeAsked();
    const first = read.read(list, 0);
    // Nothing was answered yet, so these are sent together.
    expect(bench.takeAsked()).toEqual(['get', 'get']);
    expect(await first).toEqual({ outcome: 'hit', value: ['saw'] });
    expect(bench.takeAsked()).toEqual([]);
    expect(bench.loads).toBe(1);
  });

  it('answers from no page of a list version that is over, though it stands there still', async () => {
    const bench = new Bench();
    const [reader, other] = [await bench.open(), await bench.open()];
    await reader.read(list, 0);
    await bench.move('hammer', 'saw');
    expect(await reader.read(list, 0)).toEqual({ outcome: 'miss', value: ['hammer', 'saw'] });
    await other.read(list, 0);
    await bench.move('saw');
    expect(await other.read(list, 0)).toEqual({ outcome: 'miss', value: ['saw'] });
    expect(await reader.read(list, 0)).toEqual({ outcome: 'hit', value: ['saw'] });
    expect(await reader.read(list, 1)).toEqual({ outcome: 'miss', value: [] });
  });

  it('loads no page under a list version that it only guessed', async () => {
    const bench = new Bench();
    const [reader, other] = [await bench.open(), await bench.open()];
    await reader.read(list, 0);
    await bench.move('hammer', 'saw');
    await other.read(list, 1);
    bench.loads = 0;
    expect((await reader.read(list, 1)).value).toEqual(['saw']);
    expect(bench.loads).toBe(0);
  });
});
