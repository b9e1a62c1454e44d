import fc from 'fast-check';
import { expect, it } from 'vitest';
import { controlsWithinAnEpoch } from './testing/broken/controls-within-an-epoch.ts';
import { evictions, faults, parts } from './testing/interleaving/play-arbitraries.ts';
import { type Finding, Play } from './testing/interleaving/play.ts';
import { RealStores } from './testing/interleaving/real-stage.ts';

const timeout = 180_000;
const seed = Math.floor(Math.random() * 2 ** 31);
console.log(`interleavings over real stores: seed ${seed}`);

it(
  'over PostgreSQL and Redis too, no order of messages breaks the promise',
  { timeout },
  async () => {
    await using stores = await RealStores.open();
    const outcomes = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        parts,
        faults,
        evictions,
        async (scheduler, acts, befalls, events) => {
          const play = new Play(await stores.stage(scheduler, befalls));
          expect(await play.run(acts, events)).toEqual([]);
          for (const [outcome, count] of play.outcomes) {
            outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + count);
          }
        },
      ),
      { numRuns: 40, seed },
    );
    console.log([...outcomes].map(([outcome, count]) => `${outcome} ${count}`).join(', '));
    expect(outcomes.get('read hit') ?? 0).toBeGreaterThan(20);
    expect(outcomes.get('write published') ?? 0).toBeGreaterThan(0);
  },
);

/** Those that need no other scripts in Redis. */
const controls = controlsWithinAnEpoch.filter(
  ({ variant }) => variant.rules === undefined && variant.ports !== undefined,
);

it.each(controls)(
  'over PostgreSQL and Redis this is caught too: $name',
  { timeout },
  async (control) => {
    await using stores = await RealStores.open();
    const { variant, parts: acts, faults: befalls = [], events = [] } = control;
    let findings: readonly Finding[] = [];
    let plays = 0;
    await fc.check(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        plays += 1;
        findings = await new Play(await stores.stage(scheduler, befalls, variant)).run(
          acts,
          events,
        );
        return findings.length === 0;
      }),
      { numRuns: 300, seed, endOnFailure: true },
    );
    console.log(`${control.name}: caught after ${plays} plays`);
    expect(findings, `in ${plays} plays from seed ${seed}`).not.toEqual([]);
  },
);
