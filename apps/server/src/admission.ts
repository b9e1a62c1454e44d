import type { ServerResponse } from 'node:http';
import { limits } from './limits.ts';

/** How many requests may be in flight, and how an event loop that is late changes that. */
export type AdmissionBounds = Readonly<
  Record<
    'requestsMax' | 'requestsMaxWhenLate' | 'requestsRegained' | 'lateMs' | 'lateCheckMs',
    number
  >
>;

/**
 * Lets so many requests be in flight and refuses the others before anything is done for them, so that those that are let in
 * are answered in bounded time however many come.
 *
 * How many a process can answer in time depends on what they ask for, so the number follows the event loop: while that
 * is late, every request waits for it, and half of those in flight may be; once it is on time, more are let in step by step.
 * A single late turn is a collection of garbage or a scrape, and changes nothing.
 */
export class Admission implements Disposable {
  readonly #bounds: AdmissionBounds;
  readonly #nowMs: () => number;
  readonly #timer: NodeJS.Timeout;
  /** One for all answers. */
  readonly #leave: (this: ServerResponse) => void;
  #inFlight = 0;
  #allowed: number;
  #checkedMs: number;
  #wasLate = false;

  constructor(bounds: AdmissionBounds = limits, nowMs = () => performance.now()) {
    this.#bounds = bounds;
    this.#nowMs = nowMs;
    this.#allowed = bounds.requestsMax;
    this.#checkedMs = nowMs();
    const left = () => (this.#inFlight -= 1);
    this.#leave = function leave() {
      this.off('prefinish', leave).off('close', leave);
      left();
    };
    this.#timer = setInterval(() => this.#check(), bounds.lateCheckMs).unref();
  }

  /** Whether the request is let in. If so, it is in flight until its answer is complete or nobody waits for it any more. */
  admit(res: ServerResponse): boolean {
    if (this.#inFlight >= this.#allowed) return false;
    this.#inFlight += 1;
    res.on('prefinish', this.#leave).on('close', this.#leave);
    return true;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #check(): void {
    const { requestsMax, requestsMaxWhenLate, requestsRegained, lateMs, lateCheckMs } =
      this.#bounds;
    const nowMs = this.#nowMs();
    const isLate = nowMs - this.#checkedMs > lateCheckMs + lateMs;
    this.#checkedMs = nowMs;
    if (!isLate) this.#allowed = Math.min(requestsMax, this.#allowed + requestsRegained);
    else if (this.#wasLate) {
      const half = Math.floor(Math.min(this.#allowed, this.#inFlight) / 2);
      this.#allowed = Math.max(requestsMaxWhenLate, half);
    }
    this.#wasLate = isLate;
  }
}
