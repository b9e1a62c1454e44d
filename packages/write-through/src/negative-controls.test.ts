import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Control } from './testing/broken/control.ts';
import { controlsOfEpochs } from './testing/broken/controls-of-epochs.ts';
import { controlsWithinAnEpoch } from './testing/broken/controls-within-an-epoch.ts';
import { epochStage } from './testing/interleaving/epoch-stage.ts';
import { memoryStage } from './testing/interleaving/memory-stage.ts';
import { type Finding, Play } from './testing/interleaving/play.ts';
import type { Variant } from './testing/interleaving/variant.ts';

/** Plays until a broken variant must have been caught: many times what it took so far. */
const playsMax = 5_000;
/** Plays in which ours must not be. */
const fairPlays = { within: 200, withKeepers: 60 };

const seed = Math.floor(Math.random() * 2 ** 31);
const rows: string[] = [];

afterAll(() => {
  console.log(
    [`negative controls, seed ${seed}: caught by the scheduler after`, ...rows].join('\n'),
  );
});

describe.each([...controlsWithinAnEpoch, ...controlsOfEpochs])('$name', (control) => {
  it('is caught by the scheduler', { timeout: 120_000 }, async () => {
    const { variant } = control;
    const { findings, plays, seconds } = await playUntilFound(control, variant, playsMax);
    rows.push(`${control.name.padEnd(52)} ${String(plays).padStart(5)} plays, ${seconds} s`);
    expect(findings, `in ${plays} plays from seed ${seed}`).not.toEqual([]);
    expect(findings.map(({ type }) => type)).not.toContain('stuck');
  });

  it('does not take place in the same plays of ours', { timeout: 120_000 }, async () => {
    const plays = control.keepersBegin === undefined ? fairPlays.within : fairPlays.withKeepers;
    const { findings } = await playUntilFound(control, {}, plays);
    expect(findings, `from seed ${seed}`).toEqual([]);
  });
});

/** What the first play found that found anything. */
async function playUntilFound(
  control: Control,
  variant: Variant,
  numRuns: number,
): Promise<{ findings: readonly Finding[]; plays: number; seconds: string }> {
  const { parts, faults = [], events = [], keepersBegin: begins, clockTurns } = control;
  const beganMs = performance.now();
  let findings: readonly Finding[] = [];
  let plays = 0;
  await fc.check(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const stage =
        begins === undefined
          ? await memoryStage(scheduler, faults, variant)
          : await epochStage(
              scheduler,
              { faults, onFailure: 'degrade', begins, clockTurns },
              variant,
            );
      plays += 1;
      findings = await new Play(stage).run(parts, events);
      return findings.length === 0;
    }),
    { numRuns, seed, endOnFailure: true },
  );
  return { findings, plays, seconds: ((performance.now() - beganMs) / 1000).toFixed(2) };
}
