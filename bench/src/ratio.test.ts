import { expect, test } from 'vitest';
import { holds, judge, type RatioParts, unmeasured, verdictLine } from './ratio.ts';

const atMost: RatioParts = {
  id: '1a',
  says: 'CPU',
  sense: 'at most',
  target: 1.7,
  noise: 0.1,
  values: [1.6],
};

test('a target that is met holds', () => {
  expect(judge(atMost).verdict).toBe('holds');
  expect(judge({ ...atMost, sense: 'at least', target: 1.5 }).verdict).toBe('holds');
});

test('what is missed by less than the noise holds, by more falls short', () => {
  expect(judge({ ...atMost, values: [1.86] }).verdict).toBe('holds');
  expect(judge({ ...atMost, values: [1.88] }).verdict).toBe('falls short');
  const atLeast: RatioParts = { ...atMost, sense: 'at least', target: 3 };
  expect(judge({ ...atLeast, values: [2.73] }).verdict).toBe('holds');
  expect(judge({ ...atLeast, values: [2.7] }).verdict).toBe('falls short');
});

test('a miss within the noise of a machine that is too busy shows nothing', () => {
  expect(judge({ ...atMost, noise: 1, values: [3] }).verdict).toBe('not shown');
  expect(judge({ ...atMost, noise: 1, values: [1.5] }).verdict).toBe('holds');
  expect(judge({ ...atMost, noise: 1, values: [3.5] }).verdict).toBe('falls short');
});

test('the median decides, whatever one bad round says', () => {
  expect(judge({ ...atMost, values: [1.6, 1.6, 9] }).verdict).toBe('holds');
});

test('what could not be measured has fallen short', () => {
  const ratio = unmeasured(atMost, 'the service does not know SERVER_WORKERS');
  expect(holds([judge(atMost), ratio])).toBe(false);
  expect(verdictLine([judge(atMost), ratio])).toBe('falls short: 1a (not measured); holds: 1a');
});

test('the last line names what holds, what falls short, and what cannot be shown', () => {
  const short = judge({ ...atMost, id: '1b', values: [2] });
  const notShown = { ...judge({ ...atMost, id: '8b' }), verdict: 'not shown' as const };
  expect(verdictLine([judge(atMost), notShown])).toBe('holds: 1a; cannot be shown here: 8b');
  expect(verdictLine([judge(atMost), short, notShown])).toBe(
    'falls short: 1b (2.00, at most 1.7); holds: 1a; cannot be shown here: 8b',
  );
  expect(holds([judge(atMost), notShown])).toBe(true);
});

test('a run that measured no ratio holds nothing', () => {
  expect(holds([])).toBe(false);
});
