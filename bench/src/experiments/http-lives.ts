import { type Cell, type Failure, failureOf, type MixResult } from '../measurements.ts';
import type { ExperimentName } from '../plan.ts';
import type { Program } from '../program.ts';
import { interleave, joinLives, type Pace, type Trial } from '../runner.ts';
import { cachingVariants, type VariantName } from '../variants/variant.ts';
import { anyOf, anyPrice, batchOf, byId, page, updatePrice } from '../workloads/calls.ts';
import { sessionOf } from '../workloads/session.ts';
import { type Context, partOf } from './context.ts';
import { fillCache } from './fill-cache.ts';
import { joinMixes, measureMix } from './mix.ts';

const reading: readonly VariantName[] = [
  'limit',
  'ours',
  'ours again',
  'ours, no telemetry',
  'ours, every request traced',
  'stock',
  'stock, auto-instrumented',
  'no cache, pg',
  'no cache, Sequelize',
  ...cachingVariants.slice(1),
];
const batching: readonly VariantName[] = ['stock', 'no cache, pg', ...cachingVariants];
const selling: readonly VariantName[] = ['no cache, pg', 'no cache, Sequelize', ...cachingVariants];

/** So many updates at once. */
const writers = 32;
/** So many pages at once: more would only queue where each takes fifty statements. */
const pageReaders = 16;

type Running = ReadonlyMap<VariantName, Program>;

export interface HttpMeasurements {
  readonly cells: readonly Cell[];
  readonly mixes: readonly MixResult[];
  readonly failures: readonly Failure[];
}

/** The workloads over HTTP: in each life all variants run side by side, and each has its turns. */
export async function measureHttp(
  context: Context,
  experiments: ReadonlySet<ExperimentName>,
): Promise<HttpMeasurements> {
  const lives: Cell[][] = [];
  const mixes: MixResult[][] = [];
  const failures: Failure[] = [];
  /** What fails in one life has failed, and the others go on. */
  const attempt = async (experiment: ExperimentName, measure: () => Promise<unknown>) => {
    try {
      context.say(experiment);
      await measure();
    } catch (err) {
      failures.push(failureOf(experiment, err));
    }
  };
  for (let life = 1; life <= context.plan.lives; life += 1) {
    await using opened = new AsyncDisposableStack();
    const needed = neededBy(experiments);
    context.say(`life ${life} of ${context.plan.lives}: starting the variants`);
    const running = await startAll(context, needed, opened);
    for (const [, program] of pick(running, cachingVariants)) await fillCache(context, program);
    const cells: Cell[] = [];
    for (const { experiment, pace, trials } of workloadsOf(context, running)) {
      if (!experiments.has(experiment)) continue;
      await attempt(experiment, async () => cells.push(...(await interleave(trials, pace))));
    }
    lives.push(cells);
    if (experiments.has('mix')) {
      const measure = async () => measureMix(context, pick(running, selling));
      await attempt('mix', async () => mixes.push(await measure()));
    }
  }
  return { cells: joinLives(lives), mixes: joinMixes(mixes), failures };
}

const participants: Partial<Record<ExperimentName, readonly VariantName[]>> = {
  reads: reading,
  batch: batching,
  pages: ['ours', 'no cache, pg'],
  updates: ['ours', 'ours again', 'database only', 'classic'],
  session: selling,
  mix: selling,
};

function neededBy(experiments: ReadonlySet<ExperimentName>): VariantName[] {
  return [...new Set([...experiments].flatMap((name) => participants[name] ?? []))];
}

async function startAll(
  context: Context,
  names: readonly VariantName[],
  opened: AsyncDisposableStack,
): Promise<Running> {
  const started = await Promise.all(
    partOf(context, names).map(
      async (variant) =>
        [variant.name, opened.use(await variant.start(context.surroundings))] as const,
    ),
  );
  return new Map(started);
}

interface Workload {
  readonly experiment: ExperimentName;
  readonly pace: Pace;
  readonly trials: readonly Trial[];
}

function workloadsOf({ plan, token }: Context, running: Running): Workload[] {
  const pace: Pace = { ...plan, token };
  const any = () => anyOf(plan.readProducts);
  const trials = (workload: string, names: readonly VariantName[], call: Trial['call']): Trial[] =>
    pick(running, names).map(([variant, program]) => ({ workload, variant, program, call }));
  const tenIds = () => Array.from({ length: 10 }, any);
  return [
    {
      experiment: 'reads',
      pace: { ...pace, warmSeconds: plan.firstWarmSeconds },
      trials: trials('hot key', reading, () => byId(1)),
    },
    {
      experiment: 'reads',
      // Whatever answers the hot key is compiled.
      pace: { ...pace, rounds: Math.ceil(pace.rounds / 3), warmSeconds: 0 },
      trials: trials('any key', reading, () => byId(any())),
    },
    {
      experiment: 'batch',
      pace,
      trials: [
        ...trials('one get', ['ours'], () => byId(any())),
        ...trials('batch of 10', batching, () => batchOf(tenIds())),
      ],
    },
    {
      experiment: 'pages',
      pace: { ...pace, connections: pageReaders },
      trials: [
        ...trials('page of the small category', ['ours', 'no cache, pg'], () => page(1)),
        ...trials('page of the large category', ['ours', 'no cache, pg'], () => page(2)),
      ],
    },
    {
      experiment: 'updates',
      pace: { ...pace, connections: writers, seconds: 2 * pace.seconds },
      trials: trials('price update', ['ours', 'ours again', 'database only', 'classic'], () =>
        updatePrice(any(), anyPrice()),
      ),
    },
    {
      experiment: 'session',
      pace: { ...pace, rounds: Math.ceil(pace.rounds / 2) },
      trials: trials('shop session', selling, sessionOf(plan.readProducts)),
    },
  ];
}

function pick(running: Running, names: readonly VariantName[]): [VariantName, Program][] {
  return names.flatMap((name) => {
    const program = running.get(name);
    return program === undefined ? [] : [[name, program]];
  });
}
