import { describe, expect, it } from 'vitest';
import { rollOut } from './rollout.ts';

const seed = 20_261_127;
const pollMs = 250;

describe('three service processes behind a balancer, replaced one after another under load', () => {
  it(
    'fail no request of clients that send nothing twice, lose no write and tell nothing old',
    { timeout: 120_000 },
    async () => {
      const balanced = { pollMs, noticeMs: 1_500 };
      const result = await rollOut({ seed, rounds: 1, balanced, tell: () => undefined });
      expect(result.failed).toEqual([]);
      expect(result.violations).toEqual([]);
      expect(result.exitCodes).toEqual([0, 0, 0]);
      expect(result.history.checkedReads).toBeGreaterThan(500);
      expect(result.history.acknowledged.length).toBeGreaterThan(20);
    },
  );

  it(
    'fail some without notice to the balancer: the check can fail',
    { timeout: 120_000 },
    async () => {
      const balanced = { pollMs: 2_000, noticeMs: 0 };
      const result = await rollOut({ seed, rounds: 1, balanced, tell: () => undefined });
      expect(result.failed).not.toEqual([]);
      expect(result.violations).toEqual([]);
      expect(result.exitCodes).toEqual([0, 0, 0]);
    },
  );
});
