import { expect, it } from 'vitest';
import { openFleet } from './testing/fleet.ts';
import { spawnStoppingWriter } from './testing/spawn-stopping-writer.ts';

/** What a write does, each of it with a moment before it is sent and one after it was answered. */
const steps = ['begin', 'intend', 'query', 'commit', 'publish'];

it(
  'a writer killed at any step leaves the truth to the next reader, and the entry is healed',
  { timeout: 240_000 },
  async () => {
    await using at = await openFleet();
    const other = await at.another();
    await at.first.registers.read(1);
    const killedAt: string[] = [];
    for (let stopAt = 1; ; stopAt += 1) {
      const before = await at.first.stored(1);
      const text = `write ${stopAt}`;
      await using writer = spawnStoppingWriter(at, { stopAt, text });
      const [, end, moment = ''] = await writer.waitForLine(/^(stopped|ended) (.*)$/);
      if (end === 'ended') break;
      // Whoever looks in before it dies sees the same.
      const truth = killedAt.includes('before commit') ? text : before?.text;
      expect((await at.first.registers.read(1)).value?.text, moment).toBe(truth);
      writer.kill('SIGKILL');
      await writer.exit;
      killedAt.push(moment);
      for (const reader of [other, at.first]) {
        expect((await reader.registers.read(1)).value?.text, moment).toBe(truth);
      }
      expect((await at.first.stored(1))?.text, moment).toBe(truth);
      await expect
        .poll(async () => other.registers.read(1), { timeout: 5_000 })
        .toEqual({ outcome: 'hit', value: { id: 1, text: truth } });
    }
    console.log(`killed ${killedAt.join(', ')}`);
    expect(killedAt).toEqual(steps.flatMap((step) => [`before ${step}`, `after ${step}`]));
  },
);
