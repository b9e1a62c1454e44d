import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SpaceSaving } from './space-saving.ts';

const seed = Math.floor(Math.random() * 2 ** 31);
console.log(`Space-Saving against exact counts: seed ${seed}`);

/** A few keys come often and the others now and then; at times all that was counted is halved. */
const step = fc.oneof(
  { weight: 20, arbitrary: fc.nat(4) },
  { weight: 20, arbitrary: fc.nat(60) },
  { weight: 1, arbitrary: fc.constant('halve' as const) },
);

describe('Space-Saving', () => {
  test('tells each key within its error of the exact count, and none of them too low', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.array(step, { size: '+2' }), (max, steps) => {
        const sketch = new SpaceSaving(max);
        const exact = exactCounts(sketch, steps);
        const total = [...exact.values()].reduce((sum, count) => sum + count, 0);
        expect(sketch.total).toBe(total);
        const counted = sketch.top(max);
        for (const { key, count, error } of counted) {
          const truth = exact.get(key) ?? 0;
          expect(count).toBeGreaterThanOrEqual(truth);
          expect(count - error).toBeLessThanOrEqual(truth);
          expect(error).toBeLessThanOrEqual(total / max);
        }
        const kept = new Set(counted.map(({ key }) => key));
        const missing = [...exact].filter(([key]) => !kept.has(key));
        for (const [, truth] of missing) expect(truth).toBeLessThanOrEqual(total / max);
        expect(counted.reduce((sum, { count }) => sum + count, 0)).toBe(total);
      }),
      { seed, numRuns: 500 },
    );
  });

  test('is exact as long as there are no more keys than counters', () => {
    const sketch = new SpaceSaving(3);
    for (const key of 'abacabbbb') sketch.add(key);
    expect(sketch.top(10)).toEqual([
      { key: 'b', count: 5, error: 0 },
      { key: 'a', count: 3, error: 0 },
      { key: 'c', count: 1, error: 0 },
    ]);
    expect(sketch.top(1).map(({ key }) => key)).toEqual(['b']);
  });

  test('puts a key that took over a high count behind one that earned it', () => {
    const sketch = new SpaceSaving(2);
    for (const key of 'aaabbbbc') sketch.add(key);
    expect(sketch.top(2)).toEqual([
      { key: 'b', count: 4, error: 0 },
      { key: 'c', count: 4, error: 3 },
    ]);
  });

  test('holds nothing after it was cleared', () => {
    const sketch = new SpaceSaving(2);
    sketch.add('a');
    sketch.clear();
    expect([sketch.total, sketch.top(2)]).toEqual([0, []]);
  });
});

function exactCounts(
  sketch: SpaceSaving,
  steps: readonly (number | 'halve')[],
): Map<string, number> {
  const exact = new Map<string, number>();
  for (const taken of steps) {
    if (taken === 'halve') {
      sketch.scale(0.5);
      for (const [key, count] of exact) exact.set(key, count / 2);
    } else {
      sketch.add(String(taken));
      exact.set(String(taken), (exact.get(String(taken)) ?? 0) + 1);
    }
  }
  return exact;
}
