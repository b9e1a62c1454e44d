import { parseArgs } from 'node:util';
import { type ExperimentName, experimentNames, type Plan, plans } from './plan.ts';
import { type VariantName, variantNames } from './variants/variant.ts';

/** What was asked for on the command line. */
export interface Settings {
  readonly plan: Plan;
  readonly experiments: ReadonlySet<ExperimentName>;
  readonly variants: ReadonlySet<VariantName> | undefined;
  /** Exit with 1 when a ratio falls short. */
  readonly check: boolean;
  readonly growth: boolean;
  /** Nothing but the profile. */
  readonly profile: boolean;
  /** Where `bench/results` and `docs` are written; undefined writes nothing. */
  readonly outDirectory: string | undefined;
  /** As it was typed. */
  readonly command: string;
}

export const usage = `npm run bench -- [options]
  --quick            fewer and shorter turns, a smaller catalogue: within two minutes on two free cores
  --check            exit with 1 when a ratio falls short by more than the noise; the last line tells which
  --only NAMES       of ${experimentNames.join(', ')}
  --variants NAMES   of ${variantNames.map((name) => `"${name}"`).join(', ')}, with commas between
  --products N       in the catalogue
  --growth           also how the CPU of a call grows with products, value size, batch size, concurrency
  --profile          only where the CPU goes: the ten functions in which most of it is spent
  --out DIRECTORY    write the results and the page there, and not into the repository`;

/** Throws with the usage for what it does not know. */
export function parseSettings(argv: readonly string[], root: string): Settings {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      quick: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      growth: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      only: { type: 'string' },
      variants: { type: 'string' },
      products: { type: 'string' },
      out: { type: 'string' },
    },
  });
  const isWhole = !values.quick && values.only === undefined && values.variants === undefined;
  return {
    plan: planOf(plans[values.quick ? 'quick' : 'full'], values.products),
    experiments: new Set(namesIn(values.only, experimentNames) ?? experimentNames),
    variants: setOf(namesIn(values.variants, variantNames)),
    check: values.check,
    growth: values.growth,
    profile: values.profile,
    // The page of the repository tells of whole runs alone.
    outDirectory: values.out ?? (isWhole ? root : undefined),
    command: ['npm run bench', ...(argv.length > 0 ? ['--', ...argv] : [])].join(' '),
  };
}

function planOf(plan: Plan, products: string | undefined): Plan {
  if (products === undefined) return plan;
  const count = Number(products);
  if (!Number.isInteger(count) || count < 200) {
    throw new Error(`--products ${products}: expected a whole number of at least 200.\n\n${usage}`);
  }
  return { ...plan, products: count, readProducts: Math.min(count, plan.readProducts) };
}

function namesIn<Name extends string>(
  text: string | undefined,
  known: readonly Name[],
): Name[] | undefined {
  if (text === undefined) return undefined;
  const found: Name[] = [];
  let rest = text.trim();
  // Some names hold a comma themselves, so the longest that fits comes first.
  const longestFirst = [...known].sort((a, b) => b.length - a.length);
  while (rest !== '') {
    const name = longestFirst.find((each) => rest === each || rest.startsWith(`${each},`));
    if (name === undefined)
      throw new Error(`${rest}: expected names of what there is.\n\n${usage}`);
    found.push(name);
    rest = rest.slice(name.length + 1).trim();
  }
  return found;
}

function setOf<Name>(names: readonly Name[] | undefined): ReadonlySet<Name> | undefined {
  return names === undefined ? undefined : new Set(names);
}
