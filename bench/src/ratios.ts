import type { Cell, Measurements, Turn } from './measurements.ts';
import type { ExperimentName } from './plan.ts';
import { judge, type Ratio, type RatioParts, unmeasured } from './ratio.ts';
import { noiseOf, pairedRatios, summarise } from './statistics.ts';
import type { VariantName } from './variants/variant.ts';

/** What the figures of one ratio are; throws in words if they were not measured. */
type Figures = (measurements: Measurements) => Pick<RatioParts, 'values' | 'noise'>;

interface RatioRow {
  readonly id: string;
  readonly experiment: ExperimentName;
  readonly sense: 'at most' | 'at least';
  readonly target: number;
  readonly says: string;
  readonly figures: Figures;
}

/** What is to be reached, in the order in which it is told. */
const rows: readonly RatioRow[] = [
  {
    id: '1a',
    experiment: 'reads',
    sense: 'at most',
    target: 1.7,
    says: 'CPU of a cached read, metrics on, traces at 1 %, beside bare http + GET',
    figures: cpu('hot key', 'ours', 'limit'),
  },
  {
    id: '1b',
    experiment: 'reads',
    sense: 'at least',
    target: 3,
    says: "CPU of tRPC's standalone adapter without telemetry beside ours",
    figures: cpu('hot key', 'stock', 'ours'),
  },
  {
    id: '1c',
    experiment: 'reads',
    sense: 'at least',
    target: 5,
    says: 'CPU of the same under all auto-instrumentations at 10 % beside ours',
    figures: cpu('hot key', 'stock, auto-instrumented', 'ours'),
  },
  {
    id: '2',
    experiment: 'batch',
    sense: 'at most',
    target: 3.5,
    says: 'CPU of a batch of 10 gets beside one get',
    figures: between('batch of 10', 'one get'),
  },
  {
    id: '3a',
    experiment: 'reads',
    sense: 'at most',
    target: 1.15,
    says: 'CPU with telemetry, 1 % of the requests traced, beside none',
    figures: cpu('hot key', 'ours', 'ours, no telemetry'),
  },
  {
    id: '3b',
    experiment: 'reads',
    sense: 'at most',
    target: 1.8,
    says: 'CPU with every request traced beside no telemetry',
    figures: cpu('hot key', 'ours, every request traced', 'ours, no telemetry'),
  },
  {
    id: '4a',
    experiment: 'updates',
    sense: 'at most',
    target: 1.25,
    says: 'p50 of a price update, 32 at once, beside the transaction alone through the same server',
    figures: updates('ours', 'database only', ({ p50Ms }) => p50Ms),
  },
  {
    id: '4b',
    experiment: 'updates',
    sense: 'at least',
    target: 2.2,
    says: 'price updates per second beside the classic design on Sequelize',
    figures: updates('ours', 'classic', ({ callsPerSecond }) => callsPerSecond),
  },
  {
    id: '5',
    experiment: 'mix',
    sense: 'at least',
    target: 0.995,
    says: 'hits among reads that met no pending write, Zipf 0.99, 5 % writes, fixed rate',
    figures: ({ mixes }) => {
      const shares = mixes.find(({ variant }) => variant === 'ours')?.cache;
      return counted(required(shares, 'the mix').hitRatios);
    },
  },
  {
    id: '6a',
    experiment: 'warm-up',
    sense: 'at most',
    target: 1.5,
    says: 'time of the warm-up beside SELECT and pipelined SET alone',
    figures: ({ warmUp }) => {
      const { oursSeconds, bareSeconds } = required(warmUp, 'the warm-up');
      const { median } = summarise(bareSeconds);
      return {
        values: pairedRatios(oursSeconds, bareSeconds),
        noise: noiseOf(bareSeconds.map((seconds) => seconds / median)),
      };
    },
  },
  {
    id: '6b',
    experiment: 'warm-up',
    sense: 'at most',
    target: 1.25,
    says: 'memory of an entry in Redis beside its payload',
    figures: ({ warmUp }) => {
      const { oursBytesPerEntry, payloadBytes } = required(warmUp, 'the warm-up');
      return counted(oursBytesPerEntry.map((bytes) => bytes / payloadBytes));
    },
  },
  {
    id: '7a',
    experiment: 'stampede',
    sense: 'at most',
    target: 2,
    says: 'SELECTs of the process that sent most, 1,000 reads of one absent key over 4 processes',
    figures: ({ stampedes }) => counted([Math.max(...oursOf(stampedes).selectsMax)]),
  },
  {
    id: '7b',
    experiment: 'stampede',
    sense: 'at most',
    target: 0,
    says: 'stale answers among them',
    figures: ({ stampedes }) => counted([oursOf(stampedes).stale]),
  },
  {
    id: '8a',
    experiment: 'pages',
    sense: 'at most',
    target: 1,
    says: 'CPU of a page of 50 of the large category beside one of 100 products',
    figures: between('page of the large category', 'page of the small category'),
  },
  {
    id: '8b',
    experiment: 'workers',
    sense: 'at least',
    target: 1.8,
    says: 'reads per second of two workers beside one',
    figures: ({ workers }) => {
      const { one, two } = required(workers, 'two workers');
      return {
        values: pairedRatios(perSecond(two), perSecond(one)),
        noise: spreadOf(perSecond(one)),
      };
    },
  },
  {
    id: '8c',
    experiment: 'cluster',
    sense: 'at most',
    target: 1,
    says: 'round trips to each node of a cluster for 20 keys',
    figures: ({ cluster }) => ({
      values: [Math.max(...required(cluster, 'the cluster').roundTripsPerNode)],
      // What nodes are asked in the background is known for some seconds before, not for these.
      noise: 0.05,
    }),
  },
  {
    id: '9a',
    experiment: 'engine',
    sense: 'at least',
    target: 1.4,
    says: 'reads per second of the engine alone beside GET + JSON.parse of node-redis',
    figures: engine(() => bareEngine),
  },
  {
    id: '9b',
    experiment: 'engine',
    sense: 'at least',
    target: 1,
    says: 'reads per second of the engine alone beside the quickest peer on Redis',
    figures: engine(quickestPeer),
  },
];

/** The ratios of the experiments that were made; one that could not be measured says why. */
export function ratiosOf(
  measurements: Measurements,
  experiments: ReadonlySet<ExperimentName>,
): Ratio[] {
  return rows.filter(({ experiment }) => experiments.has(experiment)).map(ratioOf(measurements));
}

function ratioOf(measurements: Measurements) {
  return ({ experiment, figures, ...parts }: RatioRow): Ratio => {
    const failure = measurements.failures.find((each) => each.experiment === experiment);
    if (failure !== undefined) return unmeasured(parts, failure.message);
    try {
      const ratio = judge({ ...parts, ...figures(measurements) });
      const notShown = experiment === 'workers' ? measurements.workers?.notShown : undefined;
      return notShown === undefined ? ratio : { ...ratio, verdict: 'not shown', because: notShown };
    } catch (err) {
      return unmeasured(parts, err instanceof Error ? err.message : String(err));
    }
  };
}

function perSecond(turns: readonly Turn[]): number[] {
  return turns.map(({ callsPerSecond }) => callsPerSecond);
}

const cpuOf = ({ cpuMicrosPerCall }: Turn) => cpuMicrosPerCall;
const bareEngine = 'node-redis, GET and JSON.parse';

/** CPU of two variants at one workload; the noise is that of ours beside itself there. */
function cpu(workload: string, numerator: VariantName, denominator: VariantName): Figures {
  return ({ cells }) => {
    const of = (variant: VariantName) => figuresOf(cells, { workload, variant, of: cpuOf });
    return {
      values: pairedRatios(of(numerator), of(denominator)),
      noise: noiseOf(pairedRatios(of('ours again'), of('ours'))),
    };
  };
}

/** CPU of ours at two workloads, whose spread is the noise. */
function between(numerator: string, denominator: string): Figures {
  return ({ cells }) => {
    const of = (workload: string) => figuresOf(cells, { workload, variant: 'ours', of: cpuOf });
    return {
      values: pairedRatios(of(numerator), of(denominator)),
      noise: spreadOf(of(denominator)),
    };
  };
}

function updates(
  numerator: VariantName,
  denominator: VariantName,
  of: (turn: Turn) => number,
): Figures {
  return ({ cells }) => {
    const figures = (variant: VariantName) =>
      figuresOf(cells, { workload: 'price update', variant, of });
    return {
      values: pairedRatios(figures(numerator), figures(denominator)),
      noise: noiseOf(pairedRatios(figures('ours again'), figures('ours'))),
    };
  };
}

function engine(beside: (measurements: Measurements) => string): Figures {
  return (measurements) => {
    const of = (name: string) => {
      const found = measurements.engines.find((each) => each.engine === name);
      return required(found, name).readsPerSecond;
    };
    return {
      values: pairedRatios(of('our engine'), of(beside(measurements))),
      noise: noiseOf(pairedRatios(of('the same again'), of(bareEngine))),
    };
  };
}

const peers: ReadonlySet<string> = new Set([
  'bentocache',
  'cacheable',
  'cache-manager',
  'async-cache-dedupe',
]);

function quickestPeer({ engines }: Measurements): string {
  const medians = engines
    .filter((each) => peers.has(each.engine))
    .map((each) => ({ name: each.engine, median: summarise(each.readsPerSecond).median }))
    .sort((a, b) => b.median - a.median);
  return required(medians[0], 'a peer').name;
}

function oursOf(stampedes: Measurements['stampedes']) {
  return required(
    stampedes.find(({ variant }) => variant === 'ours'),
    'the stampede',
  );
}

interface Wanted {
  readonly workload: string;
  readonly variant: VariantName;
  readonly of: (turn: Turn) => number;
}

function figuresOf(cells: readonly Cell[], { workload, variant, of }: Wanted): number[] {
  const found = cells.find((cell) => cell.workload === workload && cell.variant === variant);
  return required(found, `"${variant}" at "${workload}"`).turns.map(of);
}

/** How far one thing strays from its own median. */
function spreadOf(values: readonly number[]): number {
  const { median } = summarise(values);
  return noiseOf(values.map((value) => value / median));
}

/** What is counted has no noise. */
function counted(values: readonly number[]): Pick<RatioParts, 'values' | 'noise'> {
  return { values, noise: 0 };
}

function required<Found>(found: Found | undefined, what: string): Found {
  if (found === undefined) throw new Error(`This run did not measure ${what}.`);
  return found;
}
