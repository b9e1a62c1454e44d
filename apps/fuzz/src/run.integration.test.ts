import { expect, it } from 'vitest';
import { procedures } from './procedures.ts';
import { report } from './report.ts';
import { run } from './run.ts';

const inputs = 2_000;

it(
  'a service answers whatever is sent to it with what is documented, shows nothing of itself, and stays as it was',
  { timeout: 240_000 },
  async () => {
    const seed = Math.floor(Math.random() * 2 ** 32);
    // Requests that never end are what connection-bounds.test.ts is about: the service gives them half a minute.
    const result = await run({ seed, inputs, held: 0 });
    const told = report({ seed }, result);
    process.stdout.write(`seed ${seed}\n`);
    expect({ findings: result.findings, aftermath: result.aftermath }, told).toEqual({
      findings: [],
      aftermath: [],
    });
    expect(result.tally.inputs).toBe(inputs);
    // What was sent was not all refused at the door.
    expect([...result.tally.called].sort()).toEqual(procedures.map(({ name }) => name).sort());
    const answered = [...result.tally.byProcedure].filter(([, { answers }]) => answers.has('200'));
    expect(answered.length, told).toBeGreaterThan(procedures.length / 2);
  },
);
