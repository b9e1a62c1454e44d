import { describe, expect, it } from 'vitest';
import { endsSoon, newLife, prolonged } from './life.ts';

const limits = { lifeJitterRatio: 0.1 };

describe('the life of an entry', () => {
  it('is shortened at random by a tenth at most, and is never nothing', () => {
    const lives = [0, 0.5, 0.999].map((random) =>
      newLife(1_000, { nowMs: () => 50, random: () => random }, limits),
    );
    expect(lives.map(({ lifeMs }) => lifeMs)).toEqual([1_000, 950, 900]);
    expect(lives[1]).toEqual({ lifeMs: 950, expiresAtMs: 1_000 });
    expect(newLife(1, { nowMs: () => 0, random: () => 0.999 }, limits).lifeMs).toBe(1);
  });

  it('ends soon in its last part, and is prolonged by its own span', () => {
    const life = { lifeMs: 100, expiresAtMs: 1_100 };
    expect([1_080, 1_081].map((nowMs) => endsSoon(life, nowMs, 0.2))).toEqual([false, true]);
    expect(prolonged(life, 1_090)).toEqual({ lifeMs: 100, expiresAtMs: 1_190 });
  });
});
