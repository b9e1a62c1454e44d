/** A burst of reasons to look again is one. */
const betweenMs = 50;

/** Does something again and again, one at a time: after a while, or soon when there is a reason to. */
export class Refresher implements AsyncDisposable {
  readonly #refresh: () => Promise<void>;
  readonly #everyMs: () => number;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #dueAtMs = Number.POSITIVE_INFINITY;
  #endedAtMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  /** `refresh` throws nothing. `everyMs` is asked when it has ended. */
  constructor(refresh: () => Promise<void>, everyMs: () => number) {
    this.#refresh = refresh;
    this.#everyMs = everyMs;
  }

  /** What goes on now may have begun before the reason; so it is done once more. */
  soon(): void {
    this.#schedule(Math.max(0, this.#endedAtMs + betweenMs - performance.now()));
  }

  /** Does it from the beginning, and returns when it is done. */
  async now(): Promise<void> {
    await this.#running;
    if (!this.#isClosed) await (this.#running ?? this.#run());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #schedule(inMs: number): void {
    const dueAtMs = performance.now() + inMs;
    if (this.#isClosed || dueAtMs >= this.#dueAtMs) return;
    this.#dueAtMs = dueAtMs;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#dueAtMs = Number.POSITIVE_INFINITY;
      void this.now();
    }, inMs).unref();
  }

  async #run(): Promise<void> {
    this.#running = this.#refresh();
    try {
      await this.#running;
    } finally {
      this.#running = undefined;
      this.#endedAtMs = performance.now();
      this.#schedule(this.#everyMs());
    }
  }
}
