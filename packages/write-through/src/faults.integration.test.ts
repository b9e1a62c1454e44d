import { describe, expect, it } from 'vitest';
import {
  CommitOutcomeUnknownError,
  DatabaseUnavailableError,
  WriteThroughError,
} from './errors.ts';
import { type Fleet, openFleet } from './testing/fleet.ts';
import { interceptedStore } from './intercepted-store.ts';
import { interceptedTransactions } from './testing/intercepted-transactions.ts';
import type { RegisterBed } from './testing/register-bed.ts';

/** How the step under test fails. */
type Fault = 'not sent' | 'answer lost';

/** Counts the I/O steps of one engine and fails the chosen one, once. */
class FaultAt {
  #left = Number.POSITIVE_INFINITY;
  steps: string[] = [];

  arm(step: number): void {
    this.#left = step;
    this.steps = [];
  }

  /** Whether it is this step that fails. */
  hits(step: string): boolean {
    this.steps.push(step);
    this.#left -= 1;
    return this.#left === 0;
  }
}

const limits = { intendBudgetMs: 60, backoffMinMs: 1, backoffMaxMs: 5, publishWaitMs: 200 };

async function openFaulty(at: Fleet, fault: Fault, faultAt: FaultAt): Promise<RegisterBed> {
  return at.another({
    limits,
    wrapStore: (store) =>
      interceptedStore(store, async (step, send) => {
        const fails = faultAt.hits(step);
        if (fails && fault === 'not sent') throw new Error(`${step} was not sent`);
        const reply = await send();
        if (fails) throw new Error(`the answer to ${step} was lost`);
        return reply;
      }),
    wrapTransactions: (transactions) =>
      interceptedTransactions(
        transactions,
        async (step, transaction) => {
          if (!faultAt.hits(step)) return;
          if (transaction !== undefined) await cutOff(at, transaction.xid);
          else throw new DatabaseUnavailableError(`${step} was not sent`);
        },
        () => fault === 'answer lost' && faultAt.hits('answer to commit'),
      ),
  });
}

/** Ends the backend of a transaction, as a failover or an administrator would. */
async function cutOff(at: Fleet, xid: bigint): Promise<void> {
  await at.first.terminateBackend(xid);
}

describe.each(['not sent', 'answer lost'] as const)('when the nth I/O step fails (%s)', (fault) => {
  it('a write is either in the database and what readers see, or nowhere', async () => {
    await using at = await openFleet();
    const faultAt = new FaultAt();
    const faulty = await openFaulty(at, fault, faultAt);
    for (let step = 1; ; step += 1) {
      const before = await at.first.stored(1);
      faultAt.arm(step);
      const text = `write ${step}`;
      const result = await faulty.set(1, text).catch((err: unknown) => err);
      const survived = faultAt.steps.length < step;
      const stored = await at.first.stored(1);
      const context = `step ${step} of ${faultAt.steps.join(', ')}: ${String(result)}`;
      const isRefused = result instanceof Error;
      expect(!isRefused || result instanceof WriteThroughError, context).toBe(true);
      expect(result instanceof CommitOutcomeUnknownError, context).toBe(false);
      expect(stored?.text, context).toBe(isRefused ? before?.text : text);
      for (const reader of [at.first, faulty]) {
        expect((await reader.registers.read(1)).value?.text, context).toBe(stored?.text);
      }
      await expect
        .poll(async () => (await at.first.registers.read(1)).outcome, { timeout: 5_000 })
        .toBe('hit');
      if (survived) break;
    }
    expect(faultAt.steps).toContain('publish');
  });

  it('a read tells the truth or that a store is away, and leaves no wrong entry', async () => {
    await using at = await openFleet();
    const faultAt = new FaultAt();
    const faulty = await openFaulty(at, fault, faultAt);
    for (let step = 1; ; step += 1) {
      const { version } = await at.first.set(1, `write ${step}`);
      await at.evict(1);
      faultAt.arm(step);
      const result = await faulty.registers.read(1).catch((err: unknown) => err);
      expect(result).toMatchObject({ value: { text: `write ${step}` } });
      expect((await at.first.stored(1))?.version).toBe(version);
      expect((await at.first.registers.read(1)).value?.text).toBe(`write ${step}`);
      if (faultAt.steps.length < step) break;
    }
    expect(faultAt.steps).toEqual(['get', 'lease', 'fill']);
  });
});
