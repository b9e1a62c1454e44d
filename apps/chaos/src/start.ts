import { parseArgs } from 'node:util';
import { z } from 'zod';
import { type Asked, report } from './report.ts';
import { run } from './run.ts';
import { cluster, sentinel, standalone } from './settings.ts';
import type { Setting, Store } from './store.ts';
import type { RunResult } from './under-load.ts';

const usage =
  'npm run chaos -- [--seconds 60] [--seed N] [--store standalone|sentinel|cluster] [--on-failure degrade|reject] [--fault "its name"]…';

const stores = {
  standalone: runnerOf(standalone),
  sentinel: runnerOf(sentinel),
  cluster: runnerOf(cluster),
};

const argumentsSchema = z
  .object({
    seconds: z.coerce.number().positive().default(60),
    seed: z.coerce
      .number()
      .int()
      .nonnegative()
      .default(() => Math.floor(Math.random() * 2 ** 32)),
    store: z.enum(['standalone', 'sentinel', 'cluster']).default('standalone'),
    'on-failure': z.enum(['degrade', 'reject']).default('degrade'),
    fault: z.array(z.string()).default([]),
  })
  .superRefine(({ store, fault }, ctx) => {
    const known: readonly string[] = stores[store].faults;
    for (const name of fault.filter((each) => !known.includes(each))) {
      ctx.addIssue(`There is no fault "${name}" for ${store}, but: ${known.join('; ')}.`);
    }
  });

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => stopping.abort());
}

const asked = readArguments();
process.stdout.write(`seed ${asked.seed}\n`);
const result = await stores[asked.store].run(asked);
const { faults: faultNames } = stores[asked.store];
process.stdout.write(`\n${report({ ...asked, faultNames }, result)}\n`);
process.exitCode = result.violations.length === 0 ? 0 : 1;

/** Runs a setting with all of its faults, or with those that were chosen. */
function runnerOf<S extends Store>({ open, faults }: Setting<S>) {
  return {
    faults: Object.keys(faults),
    run: async ({ seed, seconds, onFailure, faults: chosen }: Asked): Promise<RunResult> => {
      const isChosen = (name: string) => chosen.length === 0 || chosen.includes(name);
      const some = Object.fromEntries(Object.entries(faults).filter(([name]) => isChosen(name)));
      const setting = { open, faults: some };
      return run({ seed, seconds, onFailure, setting, signal: stopping.signal, tell });
    },
  };
}

function tell(text: string): void {
  process.stdout.write(`  ${text}\n`);
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        seconds: { type: 'string' },
        seed: { type: 'string' },
        store: { type: 'string' },
        'on-failure': { type: 'string' },
        fault: { type: 'string', multiple: true },
      },
    });
    const { 'on-failure': onFailure, fault: faults, ...rest } = argumentsSchema.parse(values);
    return { ...rest, onFailure, faults };
  } catch (err) {
    const problem = err instanceof z.ZodError ? z.prettifyError(err) : String(err);
    process.stderr.write(`${problem}\nUsage: ${usage}\n`);
    process.exit(2);
  }
}
