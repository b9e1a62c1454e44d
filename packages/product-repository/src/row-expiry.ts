import { setTimeout as delay } from 'node:timers/promises';

/** Limits of a {@link RowExpiry}, each with its reason. */
export const rowExpiryLimits = {
  /** Short beside the day that an answer is kept, so that the table holds little more than a day. */
  everyMs: 60_000,
  /** A statement deletes so many at most: some milliseconds, whatever has piled up. */
  batchMax: 1_000,
  /** A pause after a full batch, so that catching up leaves PostgreSQL to the callers. */
  pauseMs: 100,
} as const;

export interface RowExpiryOptions {
  /** Deletes at most so many answers that are no longer kept; how many there were. */
  readonly deleteExpired: (countMax: number) => Promise<number>;
  /** Told of every time that failed; the next one does its work. */
  readonly onFailure?: (err: unknown) => void;
  readonly everyMs?: number;
  readonly pauseMs?: number;
}

/**
 * Deletes the answers behind idempotency keys that are no longer kept, in the background of every process.
 * Nothing rests on when: a key that is too old counts as new, deleted or not.
 */
export class RowExpiry implements AsyncDisposable {
  readonly #options: RowExpiryOptions;
  readonly #stopping = new AbortController();
  readonly #loop: Promise<void>;

  constructor(options: RowExpiryOptions) {
    this.#options = options;
    this.#loop = this.#run();
  }

  /** Deletes all that there is, batch by batch. Throws what the database throws. */
  async expire(): Promise<void> {
    const { deleteExpired, pauseMs = rowExpiryLimits.pauseMs } = this.#options;
    while ((await deleteExpired(rowExpiryLimits.batchMax)) === rowExpiryLimits.batchMax) {
      await this.#wait(pauseMs);
      if (this.#stopping.signal.aborted) return;
    }
  }

  /** Returns when the batch under way has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  /** Processes that started together do not meet at the table for ever. */
  async #run(): Promise<void> {
    const { everyMs = rowExpiryLimits.everyMs, onFailure = () => undefined } = this.#options;
    for (;;) {
      await this.#wait(everyMs * (0.5 + Math.random()));
      if (this.#stopping.signal.aborted) return;
      await this.expire().catch(onFailure);
    }
  }

  /** Never keeps a process alive; whoever stops it disposes of this. */
  async #wait(ms: number): Promise<void> {
    const { signal } = this.#stopping;
    await delay(ms, undefined, { signal, ref: false }).catch(() => undefined);
  }
}
