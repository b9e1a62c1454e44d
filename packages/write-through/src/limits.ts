/** Every time, count and share that the engine is bounded by, each with its reason. */
export interface Limits {
  /** A lease outlives any healthy SELECT; after a reader's crash the next one may fill this much later. */
  readonly leaseLifeMs: number;
  /** Unknown ids asked by strangers should not fill the memory for long. */
  readonly noneLifeMs: number;
  /** Lives end within this share of each other, so that entries filled together do not expire together. */
  readonly lifeJitterRatio: number;
  /** An entry read in the last part of its life gets its span again: what is read stays. */
  readonly extendBelowRatio: number;
  /** From the first INTEND to giving up; longer than a reconnect, shorter than a caller's patience. */
  readonly intendBudgetMs: number;
  /** First wait between two tries; doubled each time, with full jitter. */
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
  /** A writer waits so long for PUBLISH, that the next read hits; then answers without it. */
  readonly publishWaitMs: number;
  /** After so many tries the first reader settles what PUBLISH could not. */
  readonly publishTriesMax: number;
  /** How often a write starts again because the store lost its data or changed under it. */
  readonly storeLossesMax: number;
  /** How often a write starts again because what it read beforehand had changed. */
  readonly restartsMax: number;
  /** How long a writer asks what became of a COMMIT whose answer was lost. */
  readonly outcomeBudgetMs: number;
  /** How long a start waits for the store, so that a warm-up finds it; then it goes on without. */
  readonly startWaitMs: number;
  /** How often the epoch row is read while all is well. */
  readonly epochPollMs: number;
  /** Shortest and longest wait between two new epochs. */
  readonly reactivateMinMs: number;
  readonly reactivateMaxMs: number;
  /** Records loaded by one statement: one round trip, yet no giant answer. */
  readonly loadBatchMax: number;
  /** Records of one step of a warm-up. */
  readonly warmPageSize: number;
}

export const defaultLimits: Limits = {
  leaseLifeMs: 5_000,
  noneLifeMs: 30_000,
  lifeJitterRatio: 0.1,
  extendBelowRatio: 0.2,
  intendBudgetMs: 500,
  backoffMinMs: 20,
  backoffMaxMs: 200,
  publishWaitMs: 100,
  publishTriesMax: 3,
  storeLossesMax: 3,
  restartsMax: 20,
  outcomeBudgetMs: 5_000,
  startWaitMs: 2_000,
  epochPollMs: 1_000,
  reactivateMinMs: 250,
  reactivateMaxMs: 30_000,
  loadBatchMax: 500,
  warmPageSize: 100,
};
