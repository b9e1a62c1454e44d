import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { defaultLimits as limits } from './limits.ts';
import { answerMs } from './postgres/connection-pool.ts';
import { defaultTransactionLimits as ofTransactions } from './postgres/transaction-limits.ts';

/** What docs/consistency.md and docs/failure-modes.md promise. */
const [stallMaxMs, outsideLagMs] = [2_000, 1_000];

it('a clock step that goes unnoticed is within what the holders of a trust lease give up', () => {
  const givenUpMs = limits.trustLeaseMs * limits.clockDriftRatio;
  expect(limits.clockStepMaxMs).toBeLessThan(givenUpMs);
});

it('every process looks at a doubt, a third of a lease apart, before the wait for one that vouches is over', () => {
  expect(limits.vouchWaitMs).toBeGreaterThan(limits.trustLeaseMs / 3);
});

it('a write that leaves Redis waits for its tries, for the others, and for their leases within the promised stall', () => {
  const { intendBudgetMs, vouchWaitMs, trustLeaseMs } = limits;
  expect(intendBudgetMs + vouchWaitMs + trustLeaseMs).toBeLessThanOrEqual(stallMaxMs);
  expect(limits.epochChangeBudgetMs).toBeGreaterThan(stallMaxMs);
});

it('an INTEND is tried several times within its budget', () => {
  expect(limits.intendBudgetMs).toBeGreaterThan(2 * limits.backoffMaxMs);
});

it('whoever waits for all writers waits for longer than any of them may live', () => {
  const { lockMs, statementMs, idleMs, totalMs } = ofTransactions;
  expect(Math.max(lockMs, statementMs, idleMs)).toBeLessThan(totalMs);
  expect(limits.drainLimitMs).toBeGreaterThan(totalMs);
  expect(limits.resetBudgetMs).toBeGreaterThan(limits.trustLeaseMs + limits.drainLimitMs);
});

it('no entry is overdue while its writer may still commit, or ask whether it did', () => {
  expect(limits.overdueMs).toBeGreaterThan(ofTransactions.totalMs + limits.outcomeBudgetMs);
});

it('PostgreSQL ends a statement before its caller gives up the connection', () => {
  expect(answerMs).toBeGreaterThan(Math.max(ofTransactions.lockMs, ofTransactions.statementMs));
});

it('a change from outside is looked for, and its entries are replaced, within the promised lag', () => {
  expect(limits.outboxPollMs + limits.intendBudgetMs).toBeLessThan(outsideLagMs);
});

it('docs/failure-modes.md tells the bounds that follow from these limits', async () => {
  const page = new URL('../../../docs/failure-modes.md', import.meta.url);
  const text = await readFile(page, 'utf8');
  const { intendBudgetMs, epochChangeBudgetMs, overdueMs, sweepEveryMs, outcomeBudgetMs } = limits;
  const told: readonly (readonly [string, number])[] = [
    ['writes that wait for up to', intendBudgetMs + epochChangeBudgetMs],
    ['its writes are refused for', limits.isolationMs],
    ['with `degrade`, up to', limits.reactivateMaxMs],
    // Each pause of the sweeper is up to half as long again.
    ['swept within', overdueMs + 1.5 * sweepEveryMs],
    ['cannot be asked for', outcomeBudgetMs],
    ['has answered, which takes', limits.resetBudgetMs],
    ['entries cannot be changed for', limits.outboxPatienceMs],
    ['after', answerMs],
    ['refused with `DATABASE_UNAVAILABLE` after', ofTransactions.lockMs],
    ['a write transaction that pauses for', ofTransactions.idleMs],
    ['any transaction after', ofTransactions.totalMs],
  ];
  const missing = told
    .map(([before, ms]) => `${before} ${ms / 1_000} s`)
    .filter((words) => !text.replaceAll(/\s+/g, ' ').includes(words));
  expect(missing).toEqual([]);
});
