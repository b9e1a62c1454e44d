import { expect, test } from 'vitest';
import type { Drill } from './drill.ts';
import { report } from './report.ts';
import type { Verdict } from './verdict.ts';

const drill: Drill = {
  name: 'store-killed',
  fault: 'The store is killed.',
  durationScale: 1 / 60,
  lasts: '10m',
  alerts: [],
  inhibited: [],
  begin: async () => async () => undefined,
};
const times = {
  alert: 'StoreDown critical',
  firedAfterSeconds: 2.04,
  firesWithinSeconds: 3,
  clearedAfterSeconds: 4.5,
  clearsWithinSeconds: 5,
} as const;
const asStated: Verdict = {
  drill,
  alerts: [times],
  unexpected: [],
  inhibited: ['StoreSlow warning'],
  problems: [],
};

test('a drill that went as stated is a row, and a line that says so', () => {
  expect(report([asStated])).toBe(
    `
| fault        | alert              | fired | stated | cleared | stated | unexpected |
| ------------ | ------------------ | ----- | ------ | ------- | ------ | ---------- |
| store-killed | StoreDown critical | 2.0 s | 3.0 s  | 4.5 s   | 5.0 s  | none       |

store-killed: as stated. Kept quiet: StoreSlow warning.`.trimStart(),
  );
});

test('a drill that did not is told with what was wrong, and an alert that never came as never', () => {
  const { firedAfterSeconds: _, clearedAfterSeconds: __, ...stated } = times;
  const never = { ...stated, firedAfterSeconds: undefined, clearedAfterSeconds: undefined };
  const problems = ['StoreDown critical did not arrive; stated are 3.0 s.'];
  const told = report([{ ...asStated, alerts: [never], unexpected: ['Other warning'], problems }]);
  expect(told).toContain('| never | 3.0 s  | never   | 5.0 s  | Other warning |');
  expect(told).toContain(
    `store-killed: NOT AS STATED. The store is killed.
  - StoreDown critical did not arrive; stated are 3.0 s.`,
  );
});
