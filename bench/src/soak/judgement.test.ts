import { expect, test } from 'vitest';
import { courseOf, judge } from './judgement.ts';

const samples = 480;
const growthMax = 8;

/** Repeats itself from run to run. */
function noiseOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

/** A heap: what is held, garbage on top that is collected now and then, and a start in which caches fill. */
function heap(heldOf: (share: number) => number, seed = 1) {
  const noise = noiseOf(seed);
  return Array.from({ length: samples }, (_, index) => {
    const share = index / samples;
    const filling = 40 * (1 - Math.exp(-share * 20));
    const garbage = 60 * ((index % 9) / 9) + 3 * noise();
    return { calls: 100 * (index + 1), value: 50 + filling + garbage + heldOf(share) };
  });
}

function verdictOf(series: ReturnType<typeof heap>) {
  return judge(courseOf(series, 'least'), growthMax).verdict;
}

test('a heap that fills its caches and then goes up and down holds', () => {
  for (let seed = 1; seed <= 50; seed += 1) expect(verdictOf(heap(() => 0, seed))).toBe('holds');
});

test('a heap that keeps a little of every call grows, however large its garbage is', () => {
  for (let seed = 1; seed <= 50; seed += 1) {
    expect(verdictOf(heap((share) => 24 * share, seed))).toBe('grows');
  }
});

test('a leak that begins after the middle is seen', () => {
  expect(verdictOf(heap((share) => Math.max(0, share - 0.5) * 60))).toBe('grows');
});

test('a peak in the second half is no growth', () => {
  expect(verdictOf(heap((share) => (share > 0.7 && share < 0.8 ? 200 : 0)))).toBe('holds');
});

test('connections that are not closed are seen, one in a thousand calls', () => {
  const open = Array.from({ length: samples }, (_, index) => ({
    calls: 100 * (index + 1),
    value: 64 + Math.floor(index / 10) + (index % 3),
  }));
  expect(judge(courseOf(open, 'middle'), growthMax).verdict).toBe('grows');
});

test('the growth is told as it is, in the unit of the quantity', () => {
  const line = Array.from({ length: samples }, (_, index) => ({
    calls: index + 1,
    value: 100 + (index + 1) / 10,
  }));
  const { middle, end, growth } = judge(courseOf(line, 'middle'), growthMax);
  expect(growth).toBeCloseTo(22, 0);
  expect(end - middle).toBe(growth);
});
