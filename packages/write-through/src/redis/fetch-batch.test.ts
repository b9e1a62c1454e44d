import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { encodeLease } from '../entry-frame.ts';
import type { Entry } from '../entry.ts';
import { type Epoch, epochMark } from '../epoch.ts';
import { fetchedKeysMax } from '../limits.ts';
import { FetchBatch } from './fetch-batch.ts';
import { keySlot } from './key-slot.ts';
import { KeySpace } from './key-space.ts';

const epoch: Epoch = { number: 3, id: '00000000000000e3', storeIdentity: 'here' };
const absent: Entry = { state: 'absent' };

interface Sent {
  readonly identity: string;
  readonly names: readonly string[];
  readonly slot: number;
}

/** Names that are a variable, read when an MGET is sent and answered then, or when the test says so. */
class Bench {
  readonly stored = new Map<string, Buffer>();
  readonly sent: Sent[] = [];
  readonly batch: FetchBatch;
  failsAt: number | undefined;
  #held: PromiseWithResolvers<void> | undefined;
  readonly #keys = new KeySpace('bench');

  constructor({ spansSlots = true } = {}) {
    for (const { mark } of this.#keys.buckets) this.stored.set(mark, Buffer.from(epochMark(epoch)));
    this.batch = new FetchBatch(this.#keys, spansSlots, async (identity, names, slot) => {
      this.sent.push({ identity, names, slot });
      if (this.failsAt === slot) throw new Error('cut off');
      const found = names.map((name) => this.stored.get(name) ?? null);
      await this.#held?.promise;
      return found;
    });
  }

  put(key: string, token: string): Entry {
    this.stored.set(this.#keys.locate(epoch, key).entry, encodeLease(token));
    return { state: 'lease', token };
  }

  slotOf(key: string): number {
    return this.#keys.bucketOf(key).slot;
  }

  loseMarkOf(key: string): void {
    this.stored.delete(this.#keys.bucketOf(key).mark);
  }

  hold(): () => void {
    const held = Promise.withResolvers<void>();
    this.#held = held;
    return held.resolve;
  }

  /** How many entries each MGET asked for. */
  get sizes(): number[] {
    return this.sent.map(({ names }) => names.filter((name) => !name.endsWith(':epoch')).length);
  }
}

const keys = Array.from({ length: 100 }, (_, index) => `product:${index}`);
const [one, two] = ['00000000000000a1', '00000000000000a2'];

describe('a fetch batch', () => {
  it('sends one MGET for all that is asked in one turn, each entry and each mark once', async () => {
    const bench = new Bench();
    const entry = bench.put('product:7', one);
    const asked = [...keys, ...keys].map(async (key) => bench.batch.get(epoch, [key]));
    asked.push(bench.batch.get(epoch, ['product:7', 'product:8', 'product:7']));
    const found = await Promise.all(asked);
    expect(bench.sizes).toEqual([keys.length]);
    const names = bench.sent.flatMap((sent) => sent.names);
    expect(new Set(names).size).toBe(names.length);
    const all = keys.map((key) => [key, key === 'product:7' ? entry : absent] as const);
    for (const entries of found) expect(entries).toEqual(new Map(all));
  });

  it('lets no read join an MGET that was sent, however late that is answered', async () => {
    const bench = new Bench();
    const before = bench.put('product:1', one);
    const answer = bench.hold();
    const first = bench.batch.get(epoch, ['product:1']);
    await nextTurn();
    expect(bench.sent).toHaveLength(1);
    const after = bench.put('product:1', two);
    const second = bench.batch.get(epoch, ['product:1']);
    await nextTurn();
    answer();
    expect(await first).toEqual(new Map([['product:1', before]]));
    expect(await second).toEqual(new Map([['product:1', after]]));
  });

  it('sends one MGET for each slot where a command may name only one', async () => {
    const bench = new Bench({ spansSlots: false });
    const found = await bench.batch.get(epoch, keys);
    expect(found).toEqual(new Map(keys.map((key) => [key, absent])));
    const slots = bench.sent.map(({ slot }) => slot);
    expect(new Set(slots)).toEqual(new Set(keys.map((key) => bench.slotOf(key))));
    expect(new Set(slots).size).toBe(slots.length);
    for (const { names, slot } of bench.sent)
      expect(new Set(names.map(keySlot))).toEqual(new Set([slot]));
  });

  it('asks for no more keys in one MGET than the limit', async () => {
    const bench = new Bench();
    const many = Array.from({ length: 2 * fetchedKeysMax + 1 }, (_, index) => `product:${index}`);
    const found = await bench.batch.get(epoch, many);
    expect(found).toEqual(new Map(many.map((key) => [key, absent])));
    expect(bench.sizes).toEqual([fetchedKeysMax, fetchedKeysMax, 1]);
  });

  it('fails every read that shares a failed MGET, and none of another', async () => {
    const bench = new Bench({ spansSlots: false });
    const [broken = ''] = keys;
    const whole = keys.find((key) => bench.slotOf(key) !== bench.slotOf(broken)) ?? '';
    bench.failsAt = bench.slotOf(broken);
    const asked = [[broken], [broken, whole], [whole, broken], [whole]];
    const ends = await Promise.allSettled(asked.map(async (key) => bench.batch.get(epoch, key)));
    const statuses = ends.map(({ status }) => status);
    expect(statuses).toEqual(['rejected', 'rejected', 'rejected', 'fulfilled']);
  });

  it('trusts nothing of an MGET in which a mark is missing or another', async () => {
    const bench = new Bench();
    bench.put('product:1', one);
    bench.loseMarkOf('product:1');
    const asked = ['product:1', 'product:2'].map(async (key) => bench.batch.get(epoch, [key]));
    const refused = { state: 'untrusted', reason: 'mark' };
    expect(await Promise.all(asked)).toEqual([refused, refused]);
    const other = { ...epoch, number: 4 };
    expect(await bench.batch.get(other, ['product:1'])).toEqual(refused);
  });

  it.each([
    ['another number', { number: 4 }],
    ['another id', { id: '00000000000000e4' }],
    ['another instance', { storeIdentity: 'there' }],
  ])('joins no reads of epochs with %s', async (_, difference) => {
    const bench = new Bench();
    const asked = [epoch, { ...epoch, ...difference }, { ...epoch }];
    await Promise.all(asked.map(async (of) => bench.batch.get(of, ['product:1'])));
    expect(bench.sent.map(({ identity }) => identity)).toEqual(
      asked.map(({ storeIdentity }) => storeIdentity),
    );
  });
});
