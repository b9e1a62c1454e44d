import type { Ambient } from './ambient.ts';

/** Lets tasks wait for "something changed"; a change that nobody waited for is not lost. */
export class Signal {
  readonly #ambient: Pick<Ambient, 'wait'>;
  #pending = false;
  readonly #waiting = new Set<() => void>();

  constructor(ambient: Pick<Ambient, 'wait'>) {
    this.#ambient = ambient;
  }

  notify(): void {
    this.#pending = true;
    for (const wake of this.#waiting) wake();
  }

  /** Returns at the next notification, at once if one came since the last wait, or when the time is up. */
  async wait(timeoutMs: number): Promise<void> {
    if (!this.#pending) {
      const woken = new AbortController();
      const wake = (): void => woken.abort();
      this.#waiting.add(wake);
      await this.#ambient.wait(timeoutMs, woken.signal).catch(() => undefined);
      this.#waiting.delete(wake);
    }
    this.#pending = false;
  }
}
