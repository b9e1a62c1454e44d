/** Limits of a {@link ViewCounter}, each with its reason. */
export const viewCounterLimits = {
  /** At most so much is lost when a process dies; shorter would write the same popular rows more often. */
  flushIntervalMs: 5_000,
  /** Memory stays bounded while the database is away; an id and its count take about 100 bytes. */
  idsMax: 100_000,
  /** A statement locks its rows until it ends: this many keep the writers of products waiting milliseconds. */
  batchIdsMax: 1_000,
} as const;

export interface ViewCounterOptions {
  /** Adds counts to the database, all or none of them. */
  readonly addViews: (views: ReadonlyMap<number, number>) => Promise<void>;
  /** Told of every flush that failed on the timer or at the end; its counts are kept for the next one. */
  readonly onFailure?: (err: unknown) => void;
  readonly flushIntervalMs?: number;
  readonly idsMax?: number;
}

/**
 * Counts views behind the reads: in memory first, added to the database every few seconds. A process that
 * dies loses at most one interval; an answer lost on its way back from the database may be added twice. Both
 * are fine for an order of popularity, and nothing else rests on these numbers.
 *
 * When `idsMax` products wait to be written, further ones are dropped and counted in `droppedCount`.
 */
export class ViewCounter implements AsyncDisposable {
  readonly #addViews: ViewCounterOptions['addViews'];
  readonly #onFailure: (err: unknown) => void;
  readonly #idsMax: number;
  readonly #timer: NodeJS.Timeout;
  readonly #waiting = new Map<number, number>();
  #flushing: Promise<void> | undefined;
  #droppedCount = 0;

  constructor(options: ViewCounterOptions) {
    this.#addViews = options.addViews;
    this.#onFailure = options.onFailure ?? (() => undefined);
    this.#idsMax = options.idsMax ?? viewCounterLimits.idsMax;
    this.#timer = setInterval(
      () => void this.#flushAndReport(),
      options.flushIntervalMs ?? viewCounterLimits.flushIntervalMs,
    );
    // Counts waiting to be written never keep a process alive; whoever stops it disposes of the counter.
    this.#timer.unref();
  }

  /** Views that were not counted because too many products waited. */
  get droppedCount(): number {
    return this.#droppedCount;
  }

  /** Products whose views wait to be written. */
  get waitingCount(): number {
    return this.#waiting.size;
  }

  count(id: number): void {
    const views = this.#waiting.get(id);
    if (views === undefined && this.#waiting.size >= this.#idsMax) this.#droppedCount += 1;
    else this.#waiting.set(id, (views ?? 0) + 1);
  }

  /** Writes everything counted before the call. Rejects when the database does; the counts are kept then. */
  async flush(): Promise<void> {
    while (this.#flushing !== undefined) await this.#flushing.catch(() => undefined);
    this.#flushing = this.#flushBatches();
    try {
      await this.#flushing;
    } finally {
      this.#flushing = undefined;
    }
  }

  /** Stops the timer and flushes a last time; what the database refuses then is lost and reported. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#flushAndReport();
  }

  async #flushAndReport(): Promise<void> {
    try {
      await this.flush();
    } catch (err) {
      this.#onFailure(err);
    }
  }

  async #flushBatches(): Promise<void> {
    const views = [...this.#waiting];
    for (let start = 0; start < views.length; start += viewCounterLimits.batchIdsMax) {
      const batch = new Map(views.slice(start, start + viewCounterLimits.batchIdsMax));
      await this.#addViews(batch);
      this.#subtract(batch);
    }
  }

  /** Views counted while the batch was being written stay. */
  #subtract(written: ReadonlyMap<number, number>): void {
    for (const [id, views] of written) {
      const left = (this.#waiting.get(id) ?? 0) - views;
      if (left > 0) this.#waiting.set(id, left);
      else this.#waiting.delete(id);
    }
  }
}
