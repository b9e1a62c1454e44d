import { describe, expect, it } from 'vitest';
import type { Fault, Part } from './fault.ts';
import { Random } from './random.ts';
import { Schedule } from './schedule.ts';

function breaking(...breaks: Part[]): Fault {
  return { breaks, happen: async () => undefined };
}

const faults = {
  flush: breaking('redis'),
  kill: breaking('redis'),
  cut: breaking('redis link'),
  replace: breaking('redis', 'redis link'),
  stop: breaking('process'),
  crash: breaking('postgres'),
};

function drawn(seed: number, rounds: number): string[][] {
  const schedule = new Schedule(faults, new Random(seed));
  return Array.from({ length: rounds }, () => schedule.next().map(({ name }) => name));
}

describe('a schedule of faults', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(drawn(1, 20)).toEqual(drawn(1, 20));
    expect(drawn(1, 20)).not.toEqual(drawn(2, 20));
  });

  it('draws each fault once before any is drawn again', () => {
    const names = drawn(3, 40).flat();
    const count = Object.keys(faults).length;
    expect(names.slice(0, count).toSorted()).toEqual(Object.keys(faults).toSorted());
    expect(new Set(names.slice(count, 2 * count)).size).toBe(count);
  });

  it('has two at once in some rounds, and never two that break the same', () => {
    const pairs = drawn(4, 200).filter((round) => round.length === 2);
    expect(pairs.length).toBeGreaterThan(20);
    const parts = new Map<string, readonly Part[]>(
      Object.entries(faults).map(([name, { breaks }]) => [name, breaks]),
    );
    for (const pair of pairs) {
      const broken = pair.flatMap((name) => parts.get(name) ?? []);
      expect(new Set(broken).size).toBe(broken.length);
    }
  });
});
