import type { ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import { limits } from './limits.ts';

/** How many requests may be in flight, and how that is found while the process has no time left. */
export type AdmissionBounds = Readonly<
  Record<
    | 'requestsMax'
    | 'requestsMaxWhenBusy'
    | 'requestsRegained'
    | 'admittedWaitMs'
    | 'busyShare'
    | 'busyCheckMs',
    number
  >
>;

/** For how long the event loop was busy and idle since it began, in ms. */
export type LoopTimes = Readonly<Record<'active' | 'idle', number>>;

/**
 * Lets so many requests be in flight and refuses the others before anything is done for them, so that those that are let in
 * are answered in bounded time however many come.
 *
 * While the event loop has time left, a request waits for a store at most, and how many may be in flight is a fixed number.
 * When it has none, all those in flight wait for it and for each other: then as many may be as it answers in a bounded time,
 * by what the latest ones took of it. That follows the requests, be they hits or long lists, and the machine.
 * A single busy look is a collection of garbage or a scrape, and changes nothing.
 */
export class Admission implements Disposable {
  readonly #bounds: AdmissionBounds;
  readonly #loopTimes: () => LoopTimes;
  readonly #timer: NodeJS.Timeout;
  /** One for all answers. */
  readonly #leave: (this: ServerResponse) => void;
  #inFlight = 0;
  #allowed: number;
  #checked: LoopTimes;
  #wasBusy = false;
  /** Time of the loop in which requests were in flight, and how many have left in it; older ones count less. */
  #spentMs = 0;
  #left = 0;
  #newlySpentMs = 0;
  #newlyLeft = 0;

  constructor(
    bounds: AdmissionBounds = limits,
    loopTimes: () => LoopTimes = () => performance.eventLoopUtilization(),
  ) {
    this.#bounds = bounds;
    this.#loopTimes = loopTimes;
    this.#allowed = bounds.requestsMax;
    this.#checked = loopTimes();
    const left = () => {
      this.#inFlight -= 1;
      this.#newlyLeft += 1;
    };
    this.#leave = function leave() {
      this.off('prefinish', leave).off('close', leave);
      left();
    };
    this.#timer = setInterval(() => this.#check(), bounds.busyCheckMs).unref();
  }

  /** Whether the request is let in. If so, it is in flight until its answer is complete or nobody waits for it any more. */
  admit(res: ServerResponse): boolean {
    if (this.#inFlight >= this.#allowed) return false;
    this.#inFlight += 1;
    res.on('prefinish', this.#leave).on('close', this.#leave);
    return true;
  }

  /** An answer that goes on for as long as its client likes waits for nothing most of the time: it gives its place back. */
  release(res: ServerResponse): void {
    this.#leave.call(res);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #check(): void {
    const { requestsMax, requestsMaxWhenBusy, requestsRegained, admittedWaitMs, busyShare } =
      this.#bounds;
    const now = this.#loopTimes();
    const activeMs = now.active - this.#checked.active;
    const isBusy = activeMs >= busyShare * (activeMs + now.idle - this.#checked.idle);
    this.#checked = now;
    this.#learn(activeMs);
    if (!isBusy) this.#allowed = Math.min(requestsMax, this.#allowed + requestsRegained);
    else if (this.#wasBusy && this.#left > 0) {
      const inTime = Math.floor((admittedWaitMs * this.#left) / this.#spentMs);
      this.#allowed = Math.min(requestsMax, Math.max(requestsMaxWhenBusy, inTime));
    }
    this.#wasBusy = isBusy;
  }

  /** What the loop did while nobody was there, such as a scrape, is none of what requests take. */
  #learn(activeMs: number): void {
    if (this.#inFlight > 0 || this.#newlyLeft > 0) this.#newlySpentMs += activeMs;
    else this.#newlySpentMs = 0;
    if (this.#newlyLeft === 0) return;
    const kept = Math.exp(-this.#newlyLeft / remembered);
    this.#spentMs = this.#spentMs * kept + this.#newlySpentMs;
    this.#left = this.#left * kept + this.#newlyLeft;
    this.#newlySpentMs = 0;
    this.#newlyLeft = 0;
  }
}

/** So many requests tell what the next ones will take. */
const remembered = 1_000;
