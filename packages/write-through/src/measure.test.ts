import fc from 'fast-check';
import { it } from 'vitest';
import { memoryStage, type Variant } from './testing/interleaving/memory-stage.ts';
import { Play } from './testing/interleaving/play.ts';
import { controlsWithinAnEpoch as controls } from './testing/broken/controls-within-an-epoch.ts';

it.each(controls)(
  '$name',
  { timeout: 200_000 },
  async ({ name, parts, faults = [], evictions = [], variant }) => {
    const out: unknown[] = [];
    for (const which of [variant, variant, variant, variant, variant, undefined] as (
      Variant | undefined
    )[]) {
      const begin = performance.now();
      const result = await fc.check(
        fc.asyncProperty(fc.scheduler(), async (scheduler) => {
          const stage = await memoryStage(scheduler, faults, which);
          const events = evictions.map((turns) => ({
            label: 'evicted',
            turns,
            run: () => stage.evict(),
          }));
          return (
            (
              await new Play(stage).run(parts, events).catch((err) => {
                console.log('ERR', err);
                return [];
              })
            ).length === 0
          );
        }),
        { numRuns: 1000, endOnFailure: true },
      );
      out.push(`${result.failed} ${result.numRuns} ${Math.round(performance.now() - begin)}`);
      if (which === undefined && result.failed) out.push(JSON.stringify(result.counterexample));
    }
    console.log(`##${name}: ${out.join(' | ')}`);
  },
);
