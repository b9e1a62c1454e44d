import fc from 'fast-check';
import { expect, it } from 'vitest';
import { memoryStage } from './testing/interleaving/memory-stage.ts';
import { faults, parts, evictions } from './testing/interleaving/play-arbitraries.ts';
import { Play } from './testing/interleaving/play.ts';

it('temporary', { timeout: 60_000 }, async () => {
  const begin = performance.now();
  let runs = 0,
    turns = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      parts,
      faults,
      evictions,
      async (scheduler, acts, faulty, turnsBefore) => {
        const stage = await memoryStage(scheduler, faulty);
        const events = turnsBefore.map((turns) => ({
          label: 'evicted',
          turns,
          run: () => stage.evict(),
        }));
        const found = await new Play(stage).run(acts, events);
        runs += 1;
        turns += scheduler.report().length;
        expect(found).toEqual([]);
      },
    ),
    { numRuns: 1000 },
  );
  console.log(runs, turns, performance.now() - begin);
});
