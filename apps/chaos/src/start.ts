import { parseArgs } from 'node:util';
import { z } from 'zod';
import { faults } from './faults.ts';
import { report } from './report.ts';
import { run } from './run.ts';

const usage =
  'npm run chaos -- [--seconds 60] [--seed N] [--on-failure degrade|reject] [--fault "its name"]…';

const argumentsSchema = z.object({
  seconds: z.coerce.number().positive().default(60),
  seed: z.coerce.number().int().nonnegative().optional(),
  'on-failure': z.enum(['degrade', 'reject']).default('degrade'),
  fault: z.array(z.enum(Object.keys(faults))).default(Object.keys(faults)),
});

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => stopping.abort());
}

const { seconds, seed, onFailure, names } = readArguments();
process.stdout.write(`seed ${seed}\n`);
const options = {
  seconds,
  seed,
  onFailure,
  faults: Object.fromEntries(Object.entries(faults).filter(([name]) => names.includes(name))),
  signal: stopping.signal,
  tell: (text: string) => void process.stdout.write(`  ${text}\n`),
};
const result = await run(options);
process.stdout.write(`\n${report(options, result)}\n`);
process.exitCode = result.violations.length === 0 ? 0 : 1;

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        seconds: { type: 'string' },
        seed: { type: 'string' },
        'on-failure': { type: 'string' },
        fault: { type: 'string', multiple: true },
      },
    });
    const parsed = argumentsSchema.parse(values);
    return {
      seconds: parsed.seconds,
      seed: parsed.seed ?? Math.floor(Math.random() * 2 ** 32),
      onFailure: parsed['on-failure'],
      names: parsed.fault,
    };
  } catch (err) {
    const problem = err instanceof z.ZodError ? z.prettifyError(err) : String(err);
    process.stderr.write(`${problem}\nUsage: ${usage}\n`);
    process.exit(2);
  }
}
