export const experimentNames = [
  'reads',
  'batch',
  'pages',
  'updates',
  'session',
  'mix',
  'stampede',
  'warm-up',
  'workers',
  'cluster',
  'engine',
] as const;
export type ExperimentName = (typeof experimentNames)[number];

/** How much is measured: the same code, more or less often. */
export interface Plan {
  readonly mode: 'full' | 'quick';
  /** In the catalogue; all but 100 of them in one category. */
  readonly products: number;
  /** Of these, reads of any product draw theirs. */
  readonly readProducts: number;
  /** How often the processes are started anew. */
  readonly lives: number;
  /** How often each variant has its turn in one life. */
  readonly rounds: number;
  /** Of one turn. */
  readonly seconds: number;
  /**
   * Of each variant before the hot key, with which a life begins: until then, what compiles the code of a call takes as much CPU
   * as that code.
   */
  readonly firstWarmSeconds: number;
  /** Of each variant before every other workload, which brings little that is not compiled yet. */
  readonly warmSeconds: number;
  readonly connections: number;
  /** Turn of the mix at a fixed rate, for each life. */
  readonly mixSeconds: number;
  readonly mixPerSecond: number;
  readonly stampedeRounds: number;
  readonly warmUpRounds: number;
  /** Sizes of catalogues, where it is measured how they tell. */
  readonly growthProducts: readonly number[];
}

const full: Plan = {
  mode: 'full',
  products: 100_100,
  readProducts: 10_000,
  lives: 3,
  rounds: 4,
  seconds: 1,
  firstWarmSeconds: 10,
  warmSeconds: 2,
  connections: 64,
  mixSeconds: 10,
  mixPerSecond: 400,
  stampedeRounds: 5,
  warmUpRounds: 3,
  growthProducts: [100, 10_000, 1_000_000],
};

const quick: Plan = {
  ...full,
  mode: 'quick',
  products: 10_100,
  readProducts: 1_000,
  lives: 1,
  rounds: 3,
  seconds: 0.25,
  firstWarmSeconds: 1,
  warmSeconds: 0.3,
  mixSeconds: 1.2,
  stampedeRounds: 2,
  warmUpRounds: 1,
  growthProducts: [100, 1_000, 10_000],
};

export const plans: Readonly<Record<Plan['mode'], Plan>> = { full, quick };
