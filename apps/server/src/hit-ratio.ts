import type { ReadOutcome } from '@throughline/write-through';

/** The share of reads that the cache answered since the process began. */
export class HitRatio {
  #hits = 0;
  #reads = 0;

  note(outcome: ReadOutcome): void {
    this.#reads += 1;
    if (outcome === 'hit' || outcome === 'negative') this.#hits += 1;
  }

  /** 0 to 1; null before the first read. */
  get ratio(): number | null {
    return this.#reads === 0 ? null : this.#hits / this.#reads;
  }
}
