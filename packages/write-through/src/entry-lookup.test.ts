import { describe, expect, it } from 'vitest';
import { EntryLookup } from './entry-lookup.ts';
import type { Entries, Untrusted } from './entry-store.ts';
import type { Epoch } from './epoch.ts';

const epoch: Epoch = { number: 3, id: '00000000000000e3', storeIdentity: 'here' };
const entries: Entries = new Map([['product:1', { state: 'absent' }]]);

/** A store that answers all who ask before it is told to answer by one promise. */
class Bench {
  current: Epoch | undefined = epoch;
  checks = 0;
  readonly distrusted: string[] = [];
  #answer = Promise.withResolvers<Entries | Untrusted>();
  readonly lookup: EntryLookup;

  constructor() {
    const { distrusted } = this;
    const current = () => {
      this.checks += 1;
      return this.current;
    };
    this.lookup = new EntryLookup({
      store: { get: () => this.#answer.promise },
      epochs: {
        get current() {
          return current();
        },
        distrust: (_, reason) => void distrusted.push(reason),
      },
      ambient: { nowMs: () => 7 },
    });
  }

  end(end: Entries | Untrusted | Error): void {
    const { resolve, reject } = this.#answer;
    this.#answer = Promise.withResolvers();
    if (end instanceof Error) reject(end);
    else resolve(end);
  }
}

describe('a lookup of entries', () => {
  it('gives all who share an answer one judgement, made after the answer came', async () => {
    const bench = new Bench();
    const asked = Array.from({ length: 9 }, async () => bench.lookup.find(['product:1']));
    bench.checks = 0;
    bench.end(entries);
    const found = { epoch, nowMs: 7, entries };
    expect(await Promise.all(asked)).toEqual(asked.map(() => found));
    expect(bench.checks).toBe(1);
  });

  it('lets nothing count that came after the epoch was over', async () => {
    const bench = new Bench();
    const asked = [1, 2].map(async () => bench.lookup.find(['product:1']));
    bench.current = { ...epoch, number: 4 };
    bench.end(entries);
    expect(await Promise.all(asked)).toEqual([{ reason: 'bypass' }, { reason: 'bypass' }]);
    const later = bench.lookup.find(['product:1']);
    bench.current = undefined;
    bench.end(entries);
    expect(await later).toEqual({ reason: 'bypass' });
    expect(await bench.lookup.find(['product:1'])).toEqual({ reason: 'no epoch' });
  });

  it('judges each answer by itself, whatever became of the one before', async () => {
    const bench = new Bench();
    const failed = bench.lookup.find(['product:1']);
    bench.end(new Error('cut off'));
    expect(await failed).toEqual({ reason: 'error' });
    const refused = bench.lookup.find(['product:1']);
    bench.end({ state: 'untrusted', reason: 'mark' });
    expect(await refused).toEqual({ reason: 'bypass' });
    expect(bench.distrusted).toEqual(['mark']);
    const found = bench.lookup.find(['product:1']);
    bench.end(entries);
    expect(await found).toEqual({ epoch, nowMs: 7, entries });
  });
});
