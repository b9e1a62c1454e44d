import { describe, expect, it } from 'vitest';
import type { Attempt, Entry, FinalEntry } from '../entry.ts';
import type { EntryStore } from '../entry-store.ts';
import type { Epoch } from '../epoch.ts';

/** The guarantees that every {@link EntryStore} gives; `open` gives a store of its own to each call. */
export function describeEntryStore(name: string, open: () => Promise<EntryStore>): void {
  const key = 'product:1';
  const first: Attempt = { xid: 7n, token: '00000000000000a1' };
  const second: Attempt = { xid: 9_007_199_254_740_993n, token: '00000000000000a2' };
  const [nonce, newer] = ['00000000000000b1', '00000000000000b2'];
  const [token, other] = ['00000000000000c1', '00000000000000c2'];

  async function setUp(): Promise<{ store: EntryStore; epoch: Epoch } & AsyncDisposable> {
    const store = await open();
    const epoch = await store.install(0, '00000000000000e1');
    return { store, epoch, [Symbol.asyncDispose]: async () => store[Symbol.asyncDispose]() };
  }
  async function stateOf({ store, epoch }: { store: EntryStore; epoch: Epoch }) {
    const entries = await store.get(epoch, [key]);
    return 'state' in entries ? entries : entries.get(key);
  }

  describe(`${name} as an entry store`, () => {
    it('gives the lease of an absent entry to the first who asks', async () => {
      await using at = await setUp();
      const lease = { token, lifeMs: 1000 };
      expect(await at.store.lease(at.epoch, key, lease)).toEqual({ state: 'lease', token });
      expect(await at.store.lease(at.epoch, key, { ...lease, token: other })).toEqual({
        state: 'lease',
        token,
      });
    });

    it('lets only the holder of the lease fill, and only once', async () => {
      await using at = await setUp();
      await at.store.lease(at.epoch, key, { token, lifeMs: 1000 });
      expect(await fill(other, value(1))).toEqual({ state: 'superseded' });
      expect(await fill(token, value(1))).toEqual({ state: 'applied' });
      expect(await fill(token, value(2))).toEqual({ state: 'superseded' });
      expect(await stateOf(at)).toEqual(value(1));
      async function fill(by: string, entry: FinalEntry) {
        return at.store.fill(at.epoch, key, { token: by, entry });
      }
    });

    it('gives each of several leases to the first who asks, and tells what is there of the others', async () => {
      await using at = await setUp();
      const { store, epoch } = at;
      const keys = ['a', 'b', 'c', 'd', 'e', 'f'].map((letter) => `product:${letter}`);
      const [valued = '', nothing = '', leased = '', written = ''] = keys;
      const holder = { token: other, lifeMs: 1000 };
      for (const [filled, entry] of [[valued, value(1)] as const, [nothing, none(1)] as const]) {
        await store.lease(epoch, filled, holder);
        await store.fill(epoch, filled, { token: other, entry });
      }
      await store.lease(epoch, leased, holder);
      await store.intend(epoch, written, { attempt: first, nonce });
      const asked = keys.map((each, index) => ({
        key: each,
        token: `${token.slice(1)}${index}`,
        lifeMs: 1000,
      }));
      expect(await store.leaseMany(epoch, asked)).toEqual([
        { state: 'value', schema: 3 },
        { state: 'none' },
        { state: 'taken' },
        { state: 'taken' },
        { state: 'leased' },
        { state: 'leased' },
      ]);
      const late = keys.slice(4).map((each) => ({ key: each, token: other, lifeMs: 1000 }));
      expect(await store.leaseMany(epoch, late)).toEqual([{ state: 'taken' }, { state: 'taken' }]);
      expect(await store.leaseMany(epoch, [])).toEqual([]);
      expect(await entriesOf(at, keys)).toEqual([
        value(1),
        none(1),
        { state: 'lease', token: other },
        { state: 'pending', nonce, attempts: [first] },
        { state: 'lease', token: asked[4]?.token },
        { state: 'lease', token: asked[5]?.token },
      ]);
    });

    it('fills those of several that still hold that very lease', async () => {
      await using at = await setUp();
      const { store, epoch } = at;
      const keys = ['a', 'b', 'c', 'd'].map((letter) => `product:${letter}`);
      const [filled = '', , written = '', lost = ''] = keys;
      await store.leaseMany(
        epoch,
        keys.slice(0, 3).map((each) => ({ key: each, token, lifeMs: 1000 })),
      );
      await store.intend(epoch, written, { attempt: first, nonce });
      const fills = keys.map((each, index) => ({
        key: each,
        token: index === 1 ? other : token,
        entry: value(index + 1),
      }));
      expect(await store.fillMany(epoch, fills)).toEqual([
        { state: 'applied' },
        { state: 'superseded' },
        { state: 'superseded' },
        { state: 'superseded' },
      ]);
      expect(await entriesOf(at, [filled, written, lost])).toEqual([
        value(1),
        { state: 'pending', nonce, attempts: [first] },
        { state: 'absent' },
      ]);
      expect(await store.fillMany(epoch, fills.slice(0, 1))).toEqual([{ state: 'superseded' }]);
    });

    it('replaces a lease by an intent, so that a fill that began before the write is refused', async () => {
      await using at = await setUp();
      await at.store.lease(at.epoch, key, { token, lifeMs: 1000 });
      await at.store.intend(at.epoch, key, { attempt: first, nonce });
      expect(await at.store.fill(at.epoch, key, { token, entry: value(1) })).toEqual({
        state: 'superseded',
      });
      expect(await stateOf(at)).toEqual({ state: 'pending', nonce, attempts: [first] });
    });

    it('answers nobody with a value while a write is pending', async () => {
      await using at = await setUp();
      await at.store.lease(at.epoch, key, { token, lifeMs: 1000 });
      await at.store.fill(at.epoch, key, { token, entry: value(1) });
      await at.store.intend(at.epoch, key, { attempt: first, nonce });
      expect((await stateOf(at))?.state).toBe('pending');
    });

    it('gives each of many simultaneous reads what it asked for', async () => {
      await using at = await setUp();
      const ids = Array.from({ length: 20 }, (_, index) => `product:${index}`);
      for (const id of ids.slice(0, 10)) {
        await at.store.intend(at.epoch, id, { attempt: first, nonce });
        await at.store.publish(at.epoch, id, {
          attempt: first,
          entry: value(Number(id.slice('product:'.length))),
        });
      }
      const asked = ids.flatMap((id, index) => [[id], [id, ids[19 - index] ?? '', id], []]);
      const read = await Promise.all(asked.map(async (keys) => entriesOf(at, keys)));
      expect(read).toEqual(asked.map((names) => names.map(held)));
    });

    it('makes an entry absent whose writes have all ended, where nobody read the record', async () => {
      await using at = await setUp();
      await at.store.intend(at.epoch, key, { attempt: first, nonce });
      const resolve = async (seen: string) =>
        at.store.resolve(at.epoch, key, { type: 'whole', nonce: seen });
      expect(await resolve(newer)).toEqual({ state: 'superseded' });
      expect(await resolve(nonce)).toEqual({ state: 'applied' });
      expect(await stateOf(at)).toEqual({ state: 'absent' });
    });

    it('tells no age of what it forgets', async () => {
      await using at = await setUp();
      await at.store.intend(at.epoch, key, { attempt: first, nonce });
      const next = await at.store.install(at.epoch.number, '00000000000000e2');
      expect(await at.store.sweep(next, 60_000)).toMatchObject({ oldestMs: expect.any(Number) });
      expect(await at.store.sweep(next, 0)).toEqual({ state: 'swept', pending: 0, overdue: [] });
    });

    it('counts the pending entries, and names those whose last intent is that old', async () => {
      await using at = await setUp();
      const sweep = async (ageMs: number) => at.store.sweep(at.epoch, ageMs);
      expect(await sweep(0)).toEqual({ state: 'swept', pending: 0, overdue: [] });
      await at.store.intend(at.epoch, key, { attempt: first, nonce });
      await at.store.intend(at.epoch, 'product:2', { attempt: second, nonce });
      expect(await sweep(60_000)).toMatchObject({ state: 'swept', pending: 2, overdue: [] });
      const swept = await sweep(0);
      expect(swept).toMatchObject({ state: 'swept', pending: 2 });
      expect('overdue' in swept && swept.overdue.toSorted()).toEqual([key, 'product:2']);
      await at.store.publish(at.epoch, key, { attempt: first, entry: value(2) });
      await at.store.abandon(at.epoch, 'product:2', second);
      expect(await sweep(0)).toEqual({ state: 'swept', pending: 0, overdue: [] });
      expect(await stateOf(at)).toEqual(value(2));
    });

    it('tells how long ago the pending entry was last intended that waits longest', async () => {
      await using at = await setUp();
      const intend = async (record: string) =>
        at.store.intend(at.epoch, record, { attempt: first, nonce });
      const oldestMs = async () => {
        const swept = await at.store.sweep(at.epoch, 60_000);
        return swept.state === 'swept' ? swept.oldestMs : undefined;
      };
      expect(await oldestMs()).toBeUndefined();
      await intend(key);
      await expect.poll(oldestMs, { interval: 10 }).toBeGreaterThan(50);
      await intend('product:2');
      const lookedMs = performance.now();
      const longest = (await oldestMs()) ?? 0;
      expect(longest).toBeGreaterThan(50);
      // Both clocks are read in whole milliseconds.
      const youngerBy = (agesMs: number) => agesMs - (performance.now() - lookedMs) - 2;
      await intend(key);
      expect(youngerBy((await oldestMs()) ?? 0)).toBeLessThan(longest - 50);
      await at.store.publish(at.epoch, 'product:2', { attempt: first, entry: value(2) });
      expect(youngerBy((await oldestMs()) ?? 0)).toBeLessThan(longest - 50);
      await at.store.publish(at.epoch, key, { attempt: first, entry: value(2) });
      expect(await oldestMs()).toBeUndefined();
    });

    it('forgets what was pending in another epoch, and nothing of this one', async () => {
      await using at = await setUp();
      await at.store.intend(at.epoch, key, { attempt: first, nonce });
      const next = await at.store.install(at.epoch.number, '00000000000000e2');
      expect(await at.store.sweep(at.epoch, 0)).toEqual({ state: 'untrusted', reason: 'mark' });
      await at.store.intend(next, key, { attempt: second, nonce });
      expect(await at.store.sweep(next, 60_000)).toMatchObject({ pending: 2 });
      expect(await at.store.sweep(next, 0)).toMatchObject({ pending: 1, overdue: [key] });
      expect(await at.store.sweep(next, 60_000)).toMatchObject({ pending: 1 });
    });

    it('keeps the highest version published once the last of several writes is', async () => {
      await using at = await setUp();
      await at.store.intend(at.epoch, key, { attempt: first, nonce });
      await at.store.intend(at.epoch, key, { attempt: second, nonce: newer });
      await at.store.publish(at.epoch, key, { attempt: second, entry: value(3) });
      expect(await stateOf(at)).toEqual({
        state: 'pending',
        nonce: newer,
        attempts: [first],
        bestVersion: 3,
      });
      await at.store.publish(at.epoch, key, { attempt: first, entry: value(2) });
      expect(await stateOf(at)).toEqual(value(3));
    });

    it('keeps what was published when the other write is abandoned', async () => {
      await using at = await setUp();
      await at.store.intend(at.epoch, key, { attempt: first, nonce });
      await at.store.intend(at.epoch, key, { attempt: second, nonce: newer });
      await at.store.publish(at.epoch, key, { attempt: first, entry: none(4) });
      await at.store.abandon(at.epoch, key, second);
      expect(await stateOf(at)).toEqual(none(4));
    });

    it('holds nothing after the only write was abandoned or published without an outcome', async () => {
      await using at = await setUp();
      await at.store.intend(at.epoch, key, { attempt: first, nonce });
      await at.store.abandon(at.epoch, key, first);
      expect(await stateOf(at)).toEqual({ state: 'absent' });
      await at.store.intend(at.epoch, key, { attempt: first, nonce });
      await at.store.publish(at.epoch, key, { attempt: first });
      expect(await stateOf(at)).toEqual({ state: 'absent' });
    });

    it('refuses to publish an attempt that is not there, such as another send of the same write', async () => {
      await using at = await setUp();
      await at.store.intend(at.epoch, key, { attempt: first, nonce });
      const resent = { ...first, token: other };
      expect(await at.store.publish(at.epoch, key, { attempt: resent, entry: value(2) })).toEqual({
        state: 'superseded',
      });
      expect((await stateOf(at))?.state).toBe('pending');
    });

    it('resolves a pending entry as a whole only under the nonce that the reader saw', async () => {
      await using at = await setUp();
      await at.store.intend(at.epoch, key, { attempt: first, nonce });
      await at.store.intend(at.epoch, key, { attempt: second, nonce: newer });
      const whole = { type: 'whole', nonce, entry: value(2) } as const;
      expect(await at.store.resolve(at.epoch, key, whole)).toEqual({ state: 'superseded' });
      expect(await at.store.resolve(at.epoch, key, { ...whole, nonce: newer })).toEqual({
        state: 'applied',
      });
      expect(await stateOf(at)).toEqual(value(2));
    });

    it('resolves in part by removing what ended and remembering what was read after it', async () => {
      await using at = await setUp();
      await at.store.intend(at.epoch, key, { attempt: first, nonce });
      await at.store.intend(at.epoch, key, { attempt: second, nonce: newer });
      const part = { type: 'part', nonce: newer, attempts: [first], entry: value(5) } as const;
      expect(await at.store.resolve(at.epoch, key, part)).toEqual({ state: 'applied' });
      expect(await stateOf(at)).toEqual({
        state: 'pending',
        nonce: newer,
        attempts: [second],
        bestVersion: 5,
      });
      await at.store.abandon(at.epoch, key, second);
      expect(await stateOf(at)).toEqual(value(5));
    });

    it('never lowers the best version by a partial resolution', async () => {
      await using at = await setUp();
      await at.store.intend(at.epoch, key, { attempt: first, nonce });
      await at.store.intend(at.epoch, key, { attempt: second, nonce: newer });
      await at.store.publish(at.epoch, key, { attempt: second, entry: value(6) });
      const part = { type: 'part', nonce: newer, attempts: [first], entry: value(5) } as const;
      await at.store.resolve(at.epoch, key, part);
      expect(await stateOf(at)).toEqual(value(6));
    });

    it('extends the life of that very version and of nothing else', async () => {
      await using at = await setUp();
      const longer = { lifeMs: 90_000, expiresAtMs: 2_000_000_090_000 };
      expect(await extend(value(1))).toEqual({ state: 'superseded' });
      await at.store.intend(at.epoch, key, { attempt: first, nonce });
      expect(await extend(value(1))).toEqual({ state: 'superseded' });
      expect((await stateOf(at))?.state).toBe('pending');
      await at.store.publish(at.epoch, key, { attempt: first, entry: value(1) });
      expect(await extend(value(2))).toEqual({ state: 'superseded' });
      expect(await extend(value(1))).toEqual({ state: 'applied' });
      expect(await stateOf(at)).toEqual({ ...value(1), ...longer });
      async function extend(entry: FinalEntry) {
        return at.store.extend(at.epoch, key, { ...entry, ...longer });
      }
    });

    it('gives back a large value byte for byte, also after its life was extended', async () => {
      await using at = await setUp();
      const payload = Buffer.from(
        JSON.stringify(Array.from({ length: 5_000 }, (_, id) => ({ id }))),
      );
      const large = { ...life, state: 'value', schema: 3, version: 1, payload } as const;
      const longer = { ...large, lifeMs: 90_000, expiresAtMs: 2_000_000_090_000 };
      await at.store.lease(at.epoch, key, { token, lifeMs: 1000 });
      await at.store.fill(at.epoch, key, { token, entry: large });
      expect(await stateOf(at)).toEqual(large);
      expect(await at.store.extend(at.epoch, key, longer)).toEqual({ state: 'applied' });
      expect(await stateOf(at)).toEqual(longer);
    });

    it('refuses every step of an older epoch once a newer one is installed', async () => {
      await using at = await setUp();
      await at.store.intend(at.epoch, key, { attempt: first, nonce });
      const next = await at.store.install(at.epoch.number, '00000000000000e2');
      expect(next.number).toBe(at.epoch.number + 1);
      const refused = { state: 'untrusted', reason: 'mark' };
      const { store, epoch } = at;
      const whole = { type: 'whole', nonce, entry: value(1) } as const;
      expect([
        await store.get(epoch, [key]),
        await store.lease(epoch, key, { token, lifeMs: 1000 }),
        await store.fill(epoch, key, { token, entry: value(1) }),
        await store.intend(epoch, key, { attempt: second, nonce }),
        await store.publish(epoch, key, { attempt: first, entry: value(1) }),
        await store.abandon(epoch, key, first),
        await store.resolve(epoch, key, whole),
        await store.extend(epoch, key, value(1)),
        await store.leaseMany(epoch, [{ key, token, lifeMs: 1000 }]),
        await store.fillMany(epoch, [{ key, token, entry: value(1) }]),
      ]).toEqual(Array.from({ length: 10 }, () => refused));
      expect(await stateOf({ store, epoch: next })).toEqual({ state: 'absent' });
    });

    it('numbers a new epoch above any mark it finds', async () => {
      await using at = await setUp();
      const far = await at.store.install(41, '00000000000000e2');
      const next = await at.store.install(3, '00000000000000e3');
      expect([far.number, next.number]).toEqual([42, 43]);
    });

    it('refuses an epoch of another instance', async () => {
      await using at = await setUp();
      const foreign = { ...at.epoch, storeIdentity: 'another/instance' };
      expect(await at.store.get(foreign, [key])).toEqual({
        state: 'untrusted',
        reason: 'identity',
      });
    });
  });
}

const life = { lifeMs: 60_000, expiresAtMs: 2_000_000_000_000 };

function value(version: number): FinalEntry {
  return { state: 'value', schema: 3, version, payload: Buffer.from(`v${version}`), ...life };
}

function none(version: number): FinalEntry {
  return { state: 'none', version, ...life };
}

/** What a test of many entries put there: ten of them. */
function held(id: string): Entry {
  const index = Number(id.slice('product:'.length));
  return index < 10 ? value(index) : { state: 'absent' };
}

async function entriesOf(
  { store, epoch }: { store: EntryStore; epoch: Epoch },
  keys: readonly string[],
) {
  const entries = await store.get(epoch, keys);
  return 'state' in entries ? entries : keys.map((each) => entries.get(each));
}
