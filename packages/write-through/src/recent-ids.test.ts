import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecentIds } from './recent-ids.ts';

describe('the ids of recent reads', () => {
  it('keep the very first read, so that little traffic is audited too', () => {
    const ids = new RecentIds<number>({ random: Math.random, oneIn: 64, keptMax: 4 });
    ids.note(7);
    expect(ids.take(10)).toEqual([7]);
  });

  it('keep about one in so many, each id once', () => {
    let noted = 0;
    const ids = new RecentIds<number>({ random: Math.random, oneIn: 64, keptMax: 10_000 });
    for (; noted < 64_000; noted += 1) ids.note(noted);
    const kept = ids.take(Infinity);
    expect(kept.length).toBeGreaterThan(800);
    expect(kept.length).toBeLessThan(1_250);
    expect(new Set(kept).size).toBe(kept.length);
  });

  it('meet every id of those that are read in turn', () => {
    const ids = new RecentIds<number>({ random: Math.random, oneIn: 64, keptMax: 64 });
    for (let turn = 0; turn < 100_000; turn += 1) ids.note(turn % 64);
    expect(ids.take(64).toSorted((one, other) => one - other)).toEqual([...Array(64).keys()]);
  });

  it('hand out each id once, never more than asked, and keep no more than their bound', () => {
    const taking = fc.array(fc.oneof(fc.constant('take' as const), fc.nat(20)), { minLength: 1 });
    fc.assert(
      fc.property(taking, (steps) => {
        const ids = new RecentIds<number>({ random: () => 0, oneIn: 64, keptMax: 5 });
        let waiting: number[] = [];
        for (const step of steps) {
          if (step !== 'take') {
            ids.note(step);
            if (!waiting.includes(step)) waiting = [...waiting, step].slice(-5);
          }
          const taken = step === 'take' ? ids.take(3) : [];
          expect(taken).toEqual(waiting.splice(0, step === 'take' ? 3 : 0));
        }
        expect(ids.take(10)).toEqual(waiting);
      }),
    );
  });
});
