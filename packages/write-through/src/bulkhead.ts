import { DatabaseOverloadedError } from './errors.ts';

export interface BulkheadOptions {
  readonly runningMax: number;
  readonly waitingMax: number;
}

/**
 * Lets so many pieces of work run at once and so many others wait, in the order they came; refuses the rest
 * at once rather than let a queue grow that nobody has the patience for.
 *
 * The name and the pattern are those of Nygard, "Release It!": what stalls in one compartment does not sink the
 * others.
 */
export class Bulkhead {
  readonly #options: BulkheadOptions;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(options: BulkheadOptions) {
    this.#options = options;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Throws `DatabaseOverloadedError` at once if too many wait already. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.#enter();
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  async #enter(): Promise<void> {
    if (this.#running < this.#options.runningMax) {
      this.#running += 1;
      return;
    }
    if (this.#waiting.length >= this.#options.waitingMax) {
      throw new DatabaseOverloadedError(
        'Too many requests wait for PostgreSQL; this one was not sent.',
      );
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
