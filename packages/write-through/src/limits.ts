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
  /** How long a writer asks what became of a COMMIT whose answer was lost, and what the transaction did. */
  readonly outcomeBudgetMs: number;
  /** How long a start waits for the store, so that a warm-up finds it; then it goes on without. */
  readonly startWaitMs: number;
  /**
   * How long a process believes what it read in the epoch row; renewed three times in that time. The price of
   * a long one is paid by writers when an epoch ends, that of a short one by readers when PostgreSQL is slow. Whoever
   * ends an epoch waits for a lease of its own length, so it must be the same in all processes: no setting.
   */
  readonly trustLeaseMs: number;
  /** Part of the lease that its holders give up, since clocks may differ in rate by less than that. */
  readonly clockDriftRatio: number;
  /** Wall and monotonic clock may part so far; more tells of a suspended machine. Within the part given up. */
  readonly clockStepMaxMs: number;
  /** How long a doubt waits for somebody who can use the store: they look at the row a third of a lease apart. */
  readonly vouchWaitMs: number;
  /** A process that alone cannot use the store refuses its writes for so long before the others must yield. */
  readonly isolationMs: number;
  /** Longest that a write waits for the next epoch, or to go on without the store. */
  readonly epochChangeBudgetMs: number;
  /** Longest wait for writers to end before a new epoch: longer than they may live. Those that do are ended then. */
  readonly drainLimitMs: number;
  /** The same in bypass, where writers go on and queue behind this wait: short, and tried again. */
  readonly rejoinLimitMs: number;
  /** Shortest and longest wait between two new epochs. */
  readonly reactivateMinMs: number;
  readonly reactivateMaxMs: number;
  /** Records loaded by one statement: one round trip, yet no giant answer. */
  readonly loadBatchMax: number;
  /** Statements that load records at once: a cold cache must not bury PostgreSQL. */
  readonly loadsMax: number;
  /** Records of one source that wait for such a statement; beyond, a read fails at once. */
  readonly loadsWaitingMax: number;
  /** Write transactions at once, so that writers held up by a stalled store leave connections to others. */
  readonly writesMax: number;
  /** Writes that wait for their turn; beyond, a write fails at once. */
  readonly writesWaitingMax: number;
  /** How often each process looks for pending entries that nobody reads. */
  readonly sweepEveryMs: number;
  /** Pending for so long, an entry's writer is dead or has given up: longer than any transaction of ours lives. */
  readonly overdueMs: number;
  /** Records of one page of a warm-up: as many as one statement loads. */
  readonly warmPageSize: number;
  /** Pages at once: while the fills of one are on their way, PostgreSQL works on the next. More would only be memory. */
  readonly warmPagesMax: number;
  /** How often a warm-up that pauses looks whether the store can be trusted. */
  readonly warmRetryMs: number;
  /** One in about so many reads is audited: enough to meet hot entries, too few to be felt. */
  readonly auditOneInReads: number;
  /** Ids that wait for the auditor; of more, the oldest give way. */
  readonly auditWaitingMax: number;
  /** How often the auditor compares a batch: a found violation should be told within a second or two. */
  readonly auditEveryMs: number;
  /** Entries of one batch: two round trips to the store and one statement a second, whatever the load. */
  readonly auditBatchMax: number;
  /** How often each process looks into the outbox: short beside the lag that is promised, cheap beside any load. */
  readonly outboxPollMs: number;
  /** Rows of one batch: their intents fit the budget of a write, and what they lock is soon free. */
  readonly outboxBatchMax: number;
  /** Longest wait after a batch that failed. */
  readonly outboxBackoffMaxMs: number;
  /** How long batches may fail while entries are used; then these are given up, as they are known to be old. */
  readonly outboxPatienceMs: number;
  /** How long a reset waits for its new epoch: longer than the writers that it waits for may take. */
  readonly resetBudgetMs: number;
  /** How often a reset looks whether it is there. */
  readonly resetPollMs: number;
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
  trustLeaseMs: 1_000,
  clockDriftRatio: 0.1,
  clockStepMaxMs: 50,
  vouchWaitMs: 500,
  isolationMs: 10_000,
  epochChangeBudgetMs: 5_000,
  drainLimitMs: 11_000,
  rejoinLimitMs: 250,
  reactivateMinMs: 250,
  reactivateMaxMs: 30_000,
  loadBatchMax: 500,
  loadsMax: 8,
  loadsWaitingMax: 2_000,
  writesMax: 20,
  writesWaitingMax: 500,
  sweepEveryMs: 10_000,
  overdueMs: 30_000,
  warmPageSize: 500,
  warmPagesMax: 2,
  warmRetryMs: 200,
  auditOneInReads: 64,
  auditWaitingMax: 256,
  auditEveryMs: 1_000,
  auditBatchMax: 20,
  outboxPollMs: 200,
  outboxBatchMax: 1_000,
  outboxBackoffMaxMs: 2_000,
  outboxPatienceMs: 3_000,
  resetBudgetMs: 20_000,
  resetPollMs: 50,
};

/**
 * Keys that one command asks the store for; more are asked by the next one in the same write. A page of the longest
 * fits, and no command keeps a Redis for longer than others may wait for theirs: 0.1 ms for values of 1 KB.
 */
export const fetchedKeysMax = 256;

/**
 * Payloads from this size on are stored packed. It saves three quarters of a large JSON and costs some 40 µs for each
 * read, four times what the read of a small value costs: so those stay as they are.
 */
export const packedFromBytes = 8_192;

/** No packed payload is larger, so that a damaged or forged one cannot fill the memory; larger ones are not packed. */
export const unpackedBytesMax = 4 * 1_024 * 1_024;

/** Lists whose version a process remembers as a guess; of more, those that it has known longest are guessed no more. */
export const guessedListsMax = 10_000;
