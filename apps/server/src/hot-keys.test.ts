import { describe, expect, test } from 'vitest';
import { HotKeys } from './hot-keys.ts';

/** Chance that passes over no read. */
const always = () => 0;

describe('hot keys', () => {
  test('come with their shares of the reads, the hottest first', () => {
    const hotKeys = new HotKeys({ nowMs: () => 0, random: always });
    expect(hotKeys.top(10)).toEqual([]);
    for (const key of ['a', 'b', 'b', 'c', 'b', 'a', 'b', 'b']) hotKeys.note(key);
    expect(hotKeys.top(2)).toEqual([
      { key: 'b', share: 5 / 8 },
      { key: 'a', share: 2 / 8 },
    ]);
  });

  test('are forgotten by half a minute, and entirely when nothing is read', () => {
    let nowMs = 0;
    const hotKeys = new HotKeys({ nowMs: () => nowMs, random: always });
    for (let read = 0; read < 20; read += 1) hotKeys.note('old');
    nowMs = 60_000;
    expect(hotKeys.top(1)).toEqual([{ key: 'old', share: 1 }]);
    for (let read = 0; read < 30; read += 1) hotKeys.note('new');
    expect(hotKeys.top(2)).toEqual([
      { key: 'new', share: 30 / 40 },
      { key: 'old', share: 10 / 40 },
    ]);
    nowMs = 60_000 * 8;
    expect(hotKeys.top(2)).toEqual([]);
  });

  test('are forgotten too while nobody asks for them', () => {
    let nowMs = 0;
    const hotKeys = new HotKeys({ nowMs: () => nowMs, random: always });
    for (let read = 0; read < 1_000; read += 1) hotKeys.note('old');
    nowMs = 60_000 * 5;
    for (let read = 0; read < 1_000; read += 1) hotKeys.note('new');
    // Up to the next look at the clock, new ones are taken for old.
    expect(hotKeys.top(1)[0]?.share).toBeGreaterThan(0.9);
  });

  test('of a random few reads have about the shares of all of them', () => {
    const hotKeys = new HotKeys({ nowMs: () => 0, random: Math.random });
    for (let read = 0; read < 200_000; read += 1) {
      hotKeys.note(read % 4 === 0 ? 'hot' : `cold ${read}`);
    }
    const [hottest, next] = hotKeys.top(2);
    expect(hottest?.key).toBe('hot');
    // Ten standard deviations of 25,000 draws.
    expect(Math.abs((hottest?.share ?? 0) - 0.25)).toBeLessThan(0.03);
    expect(next?.share).toBeLessThan(0.01);
  });
});
