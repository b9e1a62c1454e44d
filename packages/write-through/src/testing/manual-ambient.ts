import { type Ambient, endsWithin } from '../ambient.ts';

/** Time that moves only when told, no jitter, and tokens in counting order. */
export class ManualAmbient implements Ambient {
  #nowMs = 1_000_000;
  #tokens = 0;

  advance(ms: number): void {
    this.#nowMs += ms;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  random(): number {
    return 0;
  }

  token(): string {
    this.#tokens += 1;
    return this.#tokens.toString(16).padStart(16, '0');
  }

  async wait(ms: number): Promise<void> {
    this.advance(ms);
  }

  async endsWithin(ms: number, work: Promise<unknown>): Promise<boolean> {
    return endsWithin(this, ms, work);
  }
}
