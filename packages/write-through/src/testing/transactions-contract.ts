import { describe, expect, it } from 'vitest';
import type { Epoch } from '../epoch.ts';
import type { RegisterDatabase } from './interleaving/engine-ports.ts';

export interface OpenDatabase extends RegisterDatabase, AsyncDisposable {}

const epoch: Epoch = { number: 1, id: '00000000000000e1', storeIdentity: 'store' };
const lockWaitMs = 200;

/** What {@link Transactions} and the epoch register around them guarantee; `open` gives a database of its own. */
export function describeTransactions(name: string, open: () => Promise<OpenDatabase>): void {
  describe(`${name} as transactions over registers`, () => {
    it('shows a write to nobody before COMMIT and to everybody after it', async () => {
      await using at = await open();
      const transaction = await at.transactions.begin();
      const row = await transaction.db.increment(1, 'me');
      expect(row).toEqual({ version: 2, text: '2 by me' });
      expect(await versionOf(at)).toBe(1);
      expect(await at.transactions.statuses([transaction.xid])).toEqual(['in progress']);
      expect(await transaction.commit()).toBe('committed');
      expect(await versionOf(at)).toBe(2);
      expect(await at.transactions.statuses([transaction.xid])).toEqual(['committed']);
    });

    it('forgets what was rolled back', async () => {
      await using at = await open();
      const transaction = await at.transactions.begin();
      await transaction.db.increment(1, 'me');
      await transaction.rollback();
      expect(await versionOf(at)).toBe(1);
      expect(await at.transactions.statuses([transaction.xid])).toEqual(['aborted']);
    });

    it('gives growing ids, and knows those to come as such', async () => {
      await using at = await open();
      const [one, other] = [await at.transactions.begin(), await at.transactions.begin()];
      expect(other.xid).toBeGreaterThan(one.xid);
      const statuses = at.transactions.statuses([one.xid, other.xid + 1_000_000n]);
      expect((await statuses).includes('future')).toBe(true);
      await one.rollback();
      await other.rollback();
    });

    it('lets a second writer of a row wait for the first and go on from what it committed', async () => {
      await using at = await open();
      const [one, other] = [await at.transactions.begin(), await at.transactions.begin()];
      await one.db.increment(1, 'one');
      const waiting = other.db.increment(1, 'other');
      expect(await one.commit()).toBe('committed');
      expect(await waiting).toEqual({ version: 3, text: '3 by other' });
      expect(await other.commit()).toBe('committed');
      expect(await versionOf(at)).toBe(3);
    });

    it('answers ROLLBACK to the COMMIT of a transaction in which a statement failed', async () => {
      await using at = await open();
      const transaction = await at.transactions.begin();
      await transaction.db.increment(1, 'me');
      await expect(transaction.db.fail()).rejects.toThrow();
      await expect(transaction.db.increment(1, 'me')).rejects.toThrow();
      expect(await transaction.commit()).toBe('rolled back');
      expect(await versionOf(at)).toBe(1);
    });

    it('does not know the outcome of a COMMIT on a broken connection, and then knows the status', async () => {
      await using at = await open();
      const transaction = await at.transactions.begin();
      await transaction.db.increment(1, 'me');
      await at.cutOff(transaction);
      expect(await transaction.commit()).toBe('unknown');
      await expect.poll(async () => transaction.status()).toBe('aborted');
      expect(await versionOf(at)).toBe(1);
    });

    it('reads the epoch row under a lock that a new epoch waits for', async () => {
      await using at = await open();
      expect((await at.transactions.begin().then(ended)).epochRow.state).toBe('draining');
      const writer = await at.transactions.begin();
      await expect(at.register.activate(0, lockWaitMs, async () => epoch)).rejects.toThrow();
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

async function versionOf(at: RegisterDatabase): Promise<number | undefined> {
  return (await at.select([1])).get(1)?.version;
}

async function ended<Begun extends { rollback(): Promise<void> }>(begun: Begun): Promise<Begun> {
  await begun.rollback();
  return begun;
}
