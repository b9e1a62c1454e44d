import { localStack, redisKeyPrefix } from '@throughline/local-stack/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Attempt, FinalEntry } from '../entry.ts';
import type { Entries, EntryStore, Swept, Untrusted } from '../entry-store.ts';
import type { Epoch } from '../epoch.ts';
import { MemoryEntryStore } from './memory-entry-store.ts';
import { openRedisEntryStore } from './open-redis-entry-store.ts';

const tokens = ['00000000000000a1', '00000000000000a2', '00000000000000a3'];
const token = fc.constantFrom(...tokens);
const attempt: fc.Arbitrary<Attempt> = fc.record({ xid: fc.constantFrom(5n, 2n ** 60n), token });
const final: fc.Arbitrary<FinalEntry> = fc.tuple(fc.nat(4), fc.boolean()).map(finalEntry);

function finalEntry([version, exists]: [number, boolean]): FinalEntry {
  const life = { lifeMs: 600_000, expiresAtMs: 2_000_000_000_000 };
  return exists
    ? { state: 'value', schema: 1, version, payload: Buffer.from(`v${version}`), ...life }
    : { state: 'none', version, ...life };
}

type Step = (store: EntryStore, epoch: Epoch) => Promise<unknown>;
const key = 'k';
const step: fc.Arbitrary<Step> = fc.oneof(
  token.map(
    (drawn): Step =>
      async (store, epoch) =>
        store.lease(epoch, key, { token: drawn, lifeMs: 600_000 }),
  ),
  fc.tuple(token, final).map(
    ([drawn, entry]): Step =>
      async (store, epoch) =>
        store.fill(epoch, key, { token: drawn, entry }),
  ),
  token.map(
    (drawn): Step =>
      async (store, epoch) =>
        store.leaseMany(epoch, [{ key, token: drawn, lifeMs: 600_000 }]),
  ),
  fc.tuple(token, final).map(
    ([drawn, entry]): Step =>
      async (store, epoch) =>
        store.fillMany(epoch, [{ key, token: drawn, entry }]),
  ),
  fc.tuple(attempt, token).map(
    ([drawn, nonce]): Step =>
      async (store, epoch) =>
        store.intend(epoch, key, { attempt: drawn, nonce }),
  ),
  fc.tuple(attempt, fc.option(final, { nil: undefined })).map(
    ([drawn, entry]): Step =>
      async (store, epoch) =>
        store.publish(epoch, key, { attempt: drawn, entry }),
  ),
  attempt.map(
    (drawn): Step =>
      async (store, epoch) =>
        store.abandon(epoch, key, drawn),
  ),
  fc.tuple(token, fc.option(final, { nil: undefined })).map(
    ([nonce, entry]): Step =>
      async (store, epoch) =>
        store.resolve(epoch, key, { type: 'whole', nonce, entry }),
  ),
  fc.tuple(token, fc.array(attempt, { maxLength: 3 }), fc.option(final, { nil: undefined })).map(
    ([nonce, attempts, entry]): Step =>
      async (store, epoch) =>
        store.resolve(epoch, key, { type: 'part', nonce, attempts, entry }),
  ),
  final.map(
    (entry): Step =>
      async (store, epoch) =>
        store.extend(epoch, key, entry),
  ),
  fc.constantFrom(0, 600_000).map(
    (ageMs): Step =>
      async (store, epoch) =>
        withoutAge(await store.sweep(epoch, ageMs)),
  ),
);

it('Redis and the store in memory answer every sequence of steps alike', async () => {
  await using redis = await openRedisEntryStore({
    url: localStack().redisUrl,
    prefix: redisKeyPrefix(),
  });
  let epoch = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const memory = new MemoryEntryStore();
      epoch += 1;
      const id = epoch.toString(16).padStart(16, '0');
      const [inRedis, inMemory] = [await redis.install(0, id), await memory.install(0, id)];
      // What the steps before left pending is not of this store in memory.
      await redis.sweep(inRedis, 0);
      for (const run of steps) {
        const [expected, found] = [await run(memory, inMemory), await run(redis, inRedis)];
        expect(found).toEqual(expected);
        expect(await look(redis, inRedis)).toEqual(await look(memory, inMemory));
      }
    }),
    { numRuns: 200 },
  );
});

/** Their clocks differ. */
function withoutAge(swept: Swept | Untrusted) {
  return swept.state === 'swept' ? { ...swept, oldestMs: typeof swept.oldestMs } : swept;
}

async function look(store: EntryStore, epoch: Epoch): Promise<Entries | Untrusted> {
  return store.get(epoch, [key]);
}
