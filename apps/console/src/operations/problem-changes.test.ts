import { expect, test } from 'vitest';
import { problemChanges } from './problem-changes.ts';
import type { Problem } from './problems.ts';

const waiting = (count: number): Problem => ({
  runbook: 'DbPoolSaturated',
  severity: 'warning',
  text: `${count} records wait for a statement.`,
});
const failing = (severity: Problem['severity']): Problem => ({
  runbook: 'CacheFailureRateHigh',
  severity,
  text: 'Writes fail.',
});

test('what comes and goes is told by its name', () => {
  expect(problemChanges([], [failing('critical'), waiting(1)])).toBe(
    'Critical: CacheFailureRateHigh. Warning: DbPoolSaturated.',
  );
  expect(problemChanges([waiting(1)], [failing('warning')])).toBe(
    'Warning: CacheFailureRateHigh. Over: DbPoolSaturated.',
  );
});

test('a number that changes is not told', () => {
  expect(problemChanges([waiting(1)], [waiting(2)])).toBe('');
});

test('what has become worse is told as what it is now, and nothing is over', () => {
  expect(problemChanges([failing('warning')], [failing('critical')])).toBe(
    'Critical: CacheFailureRateHigh.',
  );
});
