import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { epochStage } from './testing/interleaving/epoch-stage.ts';
import { memoryStage } from './testing/interleaving/memory-stage.ts';
import { evictions, faults, parts, upheavals } from './testing/interleaving/play-arbitraries.ts';
import { Play } from './testing/interleaving/play.ts';

const timeout = 120_000;
const seed = Math.floor(Math.random() * 2 ** 31);
console.log(`interleavings: seed ${seed}`);

/** How often everything came out, so that a suite that explores nothing is seen. */
const outcomes = new Map<string, number>();

function note(play: Play): void {
  for (const [outcome, count] of play.outcomes) {
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + count);
  }
}

afterAll(() => {
  console.log([...outcomes].map(([outcome, count]) => `${outcome} ${count}`).join(', '));
});

it(
  'within an epoch, no order of messages, loss, delay, death or eviction breaks the promise',
  {
    timeout,
  },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        parts,
        faults,
        evictions,
        async (scheduler, acts, befalls, events) => {
          const play = new Play(await memoryStage(scheduler, befalls));
          expect(await play.run(acts, events)).toEqual([]);
          note(play);
        },
      ),
      { numRuns: 2_000, seed },
    );
    expect(outcomes.get('read hit') ?? 0).toBeGreaterThan(1_000);
    expect(outcomes.get('read pending') ?? 0).toBeGreaterThan(100);
    expect(outcomes.get('write published') ?? 0).toBeGreaterThan(100);
  },
);

it(
  'nor do flushes, restarts, failovers, split brains, partitions and the passing of time',
  {
    timeout,
  },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.record({
          faults,
          onFailure: fc.constantFrom('reject', 'degrade'),
          begins: fc.constantFrom('active', 'bypass'),
          clockTurns: fc.constantFrom(0, 10),
        }),
        parts,
        upheavals,
        async (scheduler, options, acts, events) => {
          const play = new Play(await epochStage(scheduler, options));
          expect(await play.run(acts, events)).toEqual([]);
          note(play);
        },
      ),
      { numRuns: 400, seed },
    );
    expect(outcomes.get('read bypass') ?? 0).toBeGreaterThan(100);
    expect(outcomes.get('write bypass') ?? 0).toBeGreaterThan(10);
  },
);
