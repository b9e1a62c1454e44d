/** Lets tasks wait for "something changed"; a change that nobody waited for is not lost. */
export class Signal {
  #pending = false;
  readonly #waiting = new Set<() => void>();

  notify(): void {
    this.#pending = true;
    for (const wake of this.#waiting) wake();
  }

  /** Returns at the next notification, at once if one came since the last wait, or when the time is up. */
  async wait(timeoutMs: number): Promise<void> {
    if (!this.#pending) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(wake, timeoutMs);
        const waiting = this.#waiting;
        waiting.add(wake);
        function wake(): void {
          clearTimeout(timer);
          waiting.delete(wake);
          resolve();
        }
      });
    }
    this.#pending = false;
  }
}
