import { describe, expect, it } from 'vitest';
import { DatabaseUnavailableError } from '../errors.ts';
import type { RegisterDatabase } from './interleaving/engine-ports.ts';

export interface OpenDatabase extends RegisterDatabase, AsyncDisposable {}

/** What {@link Transactions} guarantee over registers; `open` gives a database of its own to each call. */
export function describeTransactions(name: string, open: () => Promise<OpenDatabase>): void {
  describeLastStatements(name, open);
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
      await expect(transaction.db.fail()).rejects.toBeInstanceOf(Error);
      await expect(transaction.db.increment(1, 'me')).rejects.toBeInstanceOf(Error);
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
  });
}

function describeLastStatements(name: string, open: () => Promise<OpenDatabase>): void {
  describe(`${name}, with statements that travel with COMMIT`, () => {
    it('does what was sent last together with COMMIT, in that order', async () => {
      await using at = await open();
      const transaction = await at.transactions.begin();
      const [first, second] = [transaction.last, transaction.last].map(async (last) =>
        last.increment(1, 'me'),
      );
      await transaction.db.increment(1, 'me before');
      expect(await transaction.commit()).toBe('committed');
      expect(await first).toEqual({ version: 3, text: '3 by me' });
      expect(await second).toEqual({ version: 4, text: '4 by me' });
      expect(await versionOf(at)).toBe(4);
    });

    it('commits nothing if what was sent last fails, and says so to both', async () => {
      await using at = await open();
      const transaction = await at.transactions.begin();
      const ends = Promise.allSettled([
        transaction.last.increment(1, 'me'),
        transaction.last.fail(),
        transaction.last.increment(1, 'me'),
      ]);
      expect(await transaction.commit()).toBe('rolled back');
      expect((await ends).map(({ status }) => status)).toEqual([
        'fulfilled',
        'rejected',
        'rejected',
      ]);
      expect(await versionOf(at)).toBe(1);
      const next = await at.transactions.begin();
      expect(await next.db.increment(1, 'next')).toMatchObject({ version: 2 });
      expect(await next.commit()).toBe('committed');
    });

    it('never sends what waits for a COMMIT that does not come', async () => {
      await using at = await open();
      const transaction = await at.transactions.begin();
      const ends = Promise.allSettled([transaction.last.increment(1, 'me')]);
      await transaction.rollback();
      expect(await ends).toMatchObject([{ status: 'rejected' }]);
      expect(await versionOf(at)).toBe(1);
    });

    it('knows neither outcome nor answers of what was sent last over a broken connection', async () => {
      await using at = await open();
      const transaction = await at.transactions.begin();
      const ends = Promise.allSettled([transaction.last.increment(1, 'me')]);
      await at.cutOff(transaction);
      expect(await transaction.commit()).toBe('unknown');
      expect(await ends).toMatchObject([{ reason: expect.any(DatabaseUnavailableError) }]);
      await expect.poll(async () => transaction.status()).toBe('aborted');
      expect(await transaction.ask(async (db) => db.find(1))).toMatchObject({ version: 1 });
    });
  });
}

async function versionOf(at: RegisterDatabase): Promise<number | undefined> {
  return (await at.select([1])).get(1)?.version;
}
