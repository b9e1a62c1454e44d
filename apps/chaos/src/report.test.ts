import { describe, expect, it } from 'vitest';
import { History, type Seen } from './history.ts';
import type { Violation } from './operation.ts';
import { report, type Reported } from './report.ts';
import { ServerLog } from './server-log.ts';
import { Tally } from './tally.ts';
import type { RunResult } from './under-load.ts';

const asked: Reported = {
  seed: 42,
  seconds: 60,
  store: 'standalone',
  onFailure: 'degrade',
  faults: ['Redis flushed'],
  faultNames: ['Redis flushed', 'server killed'],
};
const row = { sku: 'A', name: 'lamp 001', price: '1.00', stock: 1, categoryId: 1 };

describe('the report of a run', () => {
  it('says how many answers were checked, how many hit, and which faults there never were', () => {
    const { result, tally } = aRun();
    tally.countReads({ weather: 'calm', cache: 'hit', reads: 3 });
    tally.countReads({ weather: 'fault', cache: 'bypass', reads: 1 });
    const text = report(asked, result);
    expect(text).toMatch(/checked reads +0 \(2 per second\), 25\.0 % of them under faults/);
    expect(text).toMatch(/cache hits +50\.0 % of the answers, wholly; calm 100\.0 %/);
    expect(text).toMatch(/faults +1, of 1 of 2 kinds; never: server killed/);
    expect(text).toMatch(/\nNo violation\.$/);
    expect(text.split('\n').length).toBeLessThan(25);
  });

  it('of a violation shows what cannot all be true, what happened then, and how to replay it', () => {
    const { result, history } = aRun();
    const operation = { productId: 1, beganMs: 10_000, endedMs: 10_001 };
    const written = { ...operation, what: 'updatePrice at server 1', version: 2 };
    const change = { kind: 'update', fields: { price: '1.00' } } as const;
    history.write({ operation: written, change }, history.now, seen(2));
    const read = { ...operation, what: 'byId at server 2', version: 1, cache: 'hit' };
    history.read({ ...read, beganMs: 10_100, endedMs: 10_102 }, history.now, seen(1));
    const text = report(asked, { ...result, violations: history.violations });
    const told = text.slice(text.indexOf('1 VIOLATIONS')).split('\n');
    expect(told).toEqual([
      '1 VIOLATIONS: stale read 1',
      '',
      '  stale read: product 1: version 2 was known',
      '    10000.0 to 10001.0 ms  updatePrice at server 1: product 1, version 2',
      '    10100.0 to 10102.0 ms  byId at server 2: product 1, version 1, x-cache hit',
      `    9999.5 ms  committed: version 2, ${JSON.stringify(row)}`,
      '    9000.0 to 9500.0 ms  fault: Redis flushed (server 1)',
      '',
      "Replay: npm run chaos -- --seconds 60 --seed 42 --store standalone --on-failure degrade --fault 'Redis flushed'",
      'The seed fixes the faults, their order and their targets, not how messages interleave: try more than once.',
    ]);
  });

  it('shows the violation that was seen first, though it was found last', () => {
    const { result } = aRun();
    const violations = [5, 4, 3, 2, 1].map(violationAt);
    const text = report(asked, { ...result, violations });
    expect([...text.matchAll(/ {2}(rule \d):/g)].map(([, rule]) => rule)).toEqual([
      'rule 1',
      'rule 2',
      'rule 3',
      'rule 4',
    ]);
    expect(text).toContain('5 VIOLATIONS');
  });
});

function violationAt(ms: number): Violation {
  const read = { what: 'byId', productId: 1, version: 1, beganMs: ms, endedMs: ms };
  return { rule: `rule ${ms}`, text: '', history: [read] };
}

function seen(version: number): Seen {
  return { id: 1, version, ...row };
}

/** A run of two seconds with one fault, in which version 2 of a product was committed. */
function aRun() {
  const [history, tally] = [new History(), new Tally()];
  tally.count('faults', 'Redis flushed');
  tally.timeline.push({ name: 'Redis flushed (server 1)', beganMs: 9_000, endedMs: 9_500 });
  const result: RunResult = {
    history,
    tally,
    violations: [],
    committed: [{ id: 1, version: 2, row, committedAtMs: performance.timeOrigin + 9_999.5 }],
    stock: { created: 1, acknowledged: 0, resolved: 0, deleted: 0, stored: 1 },
    openWritesMade: 0,
    recoveryMs: 16,
    judged: 7,
    loadMs: 2_000,
    logs: new Map([['server 1', new ServerLog()]]),
  };
  return { result, history, tally };
}
