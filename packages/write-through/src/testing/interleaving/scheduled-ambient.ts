import type { Scheduler } from 'fast-check';
import { type Ambient, endsWithin } from '../../ambient.ts';

interface Timer {
  readonly atMs: number;
  readonly fire: () => void;
}

/**
 * Time as one more thing that the scheduler moves on: whenever it is its turn, the clock jumps to the next
 * moment that somebody waits for. So any number of messages may come before, and any may be later than that.
 */
export class ScheduledAmbient implements Ambient {
  readonly #scheduler: Scheduler;
  readonly #turns: number;
  #nowMs = 1_000_000;
  #tokens = 0;
  #timers: Timer[] = [];
  #isBooked = false;

  /** `turns`: how often others go before each jump; the more, the quicker they are for the clock. */
  constructor(scheduler: Scheduler, turns = 0) {
    this.#scheduler = scheduler;
    this.#turns = turns;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  /** No jitter: what is drawn at random elsewhere is the scheduler's to decide. */
  random(): number {
    return 0.5;
  }

  token(): string {
    this.#tokens += 1;
    return this.#tokens.toString(16).padStart(16, '0');
  }

  async wait(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const timer = { atMs: this.#nowMs + ms, fire: resolve };
      this.#timers.push(timer);
      signal?.addEventListener('abort', () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
        reject(new Error('Nobody waits any more.'));
      });
      this.#book();
    });
  }

  async endsWithin(ms: number, work: Promise<unknown>): Promise<boolean> {
    return endsWithin(this, ms, work);
  }

  #book(): void {
    if (this.#isBooked || this.#timers.length === 0) return;
    this.#isBooked = true;
    void this.#passTimeInTurn();
  }

  async #passTimeInTurn(): Promise<void> {
    for (let passed = 0; passed < this.#turns; passed += 1) {
      await this.#scheduler.schedule(Promise.resolve(), 'time goes by');
    }
    await this.#scheduler.schedule(Promise.resolve(), 'time passes');
    this.#isBooked = false;
    this.#passTime();
    this.#book();
  }

  #passTime(): void {
    const [next, ...later] = this.#timers.toSorted((one, other) => one.atMs - other.atMs);
    if (next === undefined) return;
    this.#timers = later;
    this.#nowMs = Math.max(this.#nowMs, next.atMs);
    next.fire();
  }
}
