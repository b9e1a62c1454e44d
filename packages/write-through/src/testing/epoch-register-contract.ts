import { describe, expect, it } from 'vitest';
import type { Epoch } from '../epoch.ts';
import type { OpenDatabase } from './transactions-contract.ts';

const epoch: Epoch = { number: 1, id: '00000000000000e1', storeIdentity: 'store' };
const lockWaitMs = 200;

/** What an {@link EpochRegister} guarantees, and its lock; `open` gives a database of its own to each call. */
export function describeEpochRegister(name: string, open: () => Promise<OpenDatabase>): void {
  describe(`${name} as an epoch register`, () => {
    it('reads the epoch row under a lock that a new epoch waits for', async () => {
      await using at = await open();
      expect((await at.transactions.begin().then(ended)).epochRow.state).toBe('draining');
      const writer = await at.transactions.begin();
      await expect(at.register.activate(0, lockWaitMs, async () => epoch)).rejects.toBeInstanceOf(
        Error,
      );
      const marking = Promise.withResolvers<Epoch>();
      await writer.rollback();
      const activating = at.register.activate(0, 2_000, async () => marking.promise);
      marking.resolve(epoch);
      await activating;
      const later = await at.transactions.begin();
      expect(later.epochRow).toEqual({ state: 'active', epoch });
      await later.rollback();
    });

    it('holds up writers that come while a new epoch begins', async () => {
      await using at = await open();
      const [begun, marked] = [Promise.withResolvers<void>(), Promise.withResolvers<Epoch>()];
      const activating = at.register.activate(0, 2_000, async () => {
        begun.resolve();
        return marked.promise;
      });
      await begun.promise;
      const writing = at.transactions.begin();
      marked.resolve(epoch);
      await activating;
      expect((await writing.then(ended)).epochRow).toEqual({ state: 'active', epoch });
    });

    it('goes from active to draining to bypass to active, and no other way', async () => {
      await using at = await open();
      await at.register.activate(0, lockWaitMs, async () => epoch);
      await at.register.bypass(epoch.number);
      expect((await at.register.read()).row).toEqual({ state: 'active', epoch });
      await at.register.drain({ ...epoch, id: '00000000000000e2' });
      expect((await at.register.read()).row.state).toBe('active');
      await at.register.drain(epoch);
      expect((await at.register.read()).row).toEqual({ state: 'draining', number: 1 });
      await at.register.bypass(0);
      expect((await at.register.read()).row.state).toBe('draining');
      await at.register.bypass(1);
      expect((await at.register.read()).row).toEqual({ state: 'bypass', number: 1 });
      const next = { ...epoch, number: 2 };
      await at.register.activate(0, lockWaitMs, async () => next);
      expect((await at.register.read()).row.state).toBe('bypass');
      await at.register.activate(1, lockWaitMs, async () => next);
      expect((await at.register.read()).row).toEqual({ state: 'active', epoch: next });
    });

    it('keeps a doubt until somebody vouches, and forgets it with the epoch', async () => {
      await using at = await open();
      await at.register.activate(0, lockWaitMs, async () => epoch);
      expect(await at.register.doubt({ ...epoch, number: 7 })).toBeUndefined();
      const doubt = await at.register.doubt(epoch);
      expect(doubt).toMatchObject({ vouchedAtMs: undefined });
      await at.register.vouch(epoch);
      const heard = (await at.register.read()).doubt;
      expect(heard?.raisedAtMs).toBe(doubt?.raisedAtMs);
      expect(heard?.vouchedAtMs).toBeGreaterThanOrEqual(doubt?.raisedAtMs ?? 0);
      await at.register.drain(epoch);
      await at.register.activate(1, lockWaitMs, async () => ({ ...epoch, number: 2 }));
      expect((await at.register.read()).doubt).toBeUndefined();
    });
  });
}

async function ended<Begun extends { rollback(): Promise<void> }>(begun: Begun): Promise<Begun> {
  await begun.rollback();
  return begun;
}
