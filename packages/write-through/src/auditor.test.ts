import { expect, it } from 'vitest';
import { Auditor, type AuditViolation } from './auditor.ts';
import type { Verdict } from './comparison.ts';
import { Gate } from './testing/gate.ts';

function comparison(id: number, verdict: Verdict) {
  return { id, key: `text:${id}`, verdict, cachedVersion: 1, storedVersion: 2 };
}

/** Audits each batch in turn and then waits for ever; a batch that is an error is an outage. */
async function audit(batches: readonly (readonly Verdict[] | Error)[]) {
  const violations: AuditViolation<number>[] = [];
  const idle = new Gate();
  const waiting = batches.values();
  let batch: readonly Verdict[] | Error | undefined;
  const auditor = new Auditor<number>({
    records: {
      takeRecentIds: () => [1],
      compare: async () => {
        if (batch instanceof Error) throw batch;
        return (batch ?? []).map((verdict, index) => comparison(index, verdict));
      },
    },
    ambient: {
      nowMs: () => 1_000,
      wait: async () => {
        batch = waiting.next().value;
        if (batch !== undefined) return;
        await idle.pass();
      },
    },
    limits: { auditEveryMs: 1, auditBatchMax: 10 },
    onViolation: (violation) => violations.push(violation),
  });
  await idle.arrived;
  const { state, counts, lastJudgedAtMs } = auditor;
  const disposed = auditor[Symbol.asyncDispose]();
  idle.open();
  await disposed;
  return { state, counts, lastJudgedAtMs, violations };
}

it('with no violation in 300 judged the share of wrong answers is below 1 in 100 at 95 %', async () => {
  const { state } = await audit(Array.from({ length: 30 }, () => Array<Verdict>(10).fill('same')));
  expect(state).toEqual({ samples: 300, judged: 300, violations: 0, violationRatioBound: 0.01 });
});

it('what is absent or changed meanwhile counts as a sample and is not judged', async () => {
  const { state } = await audit([['same', 'absent', 'unjudged', 'unjudged']]);
  expect(state).toEqual({ samples: 4, judged: 1, violations: 0, violationRatioBound: 1 });
});

it('every kind of disagreement is a violation, told once for each time it was found', async () => {
  const { state, violations } = await audit([['stale', 'same'], ['ahead'], ['different']]);
  expect(state).toEqual({ samples: 4, judged: 4, violations: 3, violationRatioBound: null });
  expect(violations.map(({ verdict }) => verdict)).toEqual(['stale', 'ahead', 'different']);
});

it('an outage proves nothing and does not end the audit', async () => {
  const { state, violations } = await audit([new Error('away'), ['same'], new Error('away')]);
  expect(state).toMatchObject({ samples: 1, judged: 1, violations: 0 });
  expect(violations).toEqual([]);
});

it('before anything was judged there is no bound', async () => {
  const { state } = await audit([[], ['absent']]);
  expect(state).toEqual({ samples: 1, judged: 0, violations: 0, violationRatioBound: null });
});
