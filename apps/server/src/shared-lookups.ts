import type { StepTiming } from './request-timing.ts';

/** Told of a lookup once, when it has been answered or has failed. */
export type LookupTold = (ms: number, end: PromiseSettledResult<unknown>) => void;

/**
 * Watches lookups, each of which all reads of a turn share, without standing between them and their answer: it is told of
 * once for all of them, and added to the time of each request that waits for it.
 */
export class SharedLookups {
  readonly #timing: Pick<StepTiming, 'running'>;
  readonly #told: LookupTold;
  /** Until they are answered. */
  readonly #lookups = new Map<Promise<unknown>, Lookup>();

  constructor(timing: Pick<StepTiming, 'running'>, told: LookupTold) {
    this.#timing = timing;
    this.#told = told;
  }

  /** Called for every read, right after it asked, with the promise that it got. */
  join(answer: Promise<unknown>): void {
    const nowMs = performance.now();
    const lookup = this.#lookups.get(answer) ?? this.#begin(answer, nowMs);
    const request = this.#timing.running();
    if (request !== undefined) lookup.waiting.push({ request, sinceMs: nowMs });
  }

  #begin(answer: Promise<unknown>, beganMs: number): Lookup {
    const lookup: Lookup = { beganMs, waiting: [] };
    this.#lookups.set(answer, lookup);
    // Before any reader goes on, as the first of them has not yet begun to wait.
    answer.then(
      (value) => this.#end(answer, lookup, { status: 'fulfilled', value }),
      (reason: unknown) => this.#end(answer, lookup, { status: 'rejected', reason }),
    );
    return lookup;
  }

  #end(
    answer: Promise<unknown>,
    { beganMs, waiting }: Lookup,
    end: PromiseSettledResult<unknown>,
  ): void {
    const nowMs = performance.now();
    this.#lookups.delete(answer);
    for (const { request, sinceMs } of waiting) request.cacheMs += nowMs - sinceMs;
    this.#told(nowMs - beganMs, end);
  }
}

interface Lookup {
  readonly beganMs: number;
  readonly waiting: { readonly request: { cacheMs: number }; readonly sinceMs: number }[];
}
