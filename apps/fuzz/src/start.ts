import { parseArgs } from 'node:util';
import { z } from 'zod';
import { isFaulty, report } from './report.ts';
import { run } from './run.ts';

const usage = 'npm run fuzz -- [--inputs 40000] [--seed N] [--path "of a finding"]';

const argumentsSchema = z.object({
  inputs: z.coerce.number().int().positive().default(40_000),
  seed: z.coerce
    .number()
    .int()
    .nonnegative()
    .default(() => Math.floor(Math.random() * 2 ** 32)),
  path: z.string().optional(),
});

/** Held open beside a whole run. */
const held = 100;

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => stopping.abort());
}

const { inputs, seed, path } = readArguments();
process.stdout.write(`seed ${seed}\n`);
const asked = { seed, inputs, path, held: path === undefined ? held : 0 };
const result = await run({ ...asked, signal: stopping.signal });
process.stdout.write(`\n${report(asked, result)}\n`);
process.exitCode = isFaulty(result) ? 1 : 0;

function readArguments() {
  try {
    const { values } = parseArgs({
      options: { inputs: { type: 'string' }, seed: { type: 'string' }, path: { type: 'string' } },
    });
    return argumentsSchema.parse(values);
  } catch (err) {
    const problem = err instanceof z.ZodError ? z.prettifyError(err) : String(err);
    process.stderr.write(`${problem}\nUsage: ${usage}\n`);
    process.exit(2);
  }
}
