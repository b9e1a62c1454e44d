import type { CacheOutcome, Instrument } from '@throughline/write-through';

/** The share of reads that the cache answered since the process began. */
export class HitRatio {
  #hits = 0;
  #reads = 0;

  readonly instrument: Instrument = async (operation, run) => {
    const result = await run();
    if (operation.kind === 'read') this.#count(result.outcome);
    return result;
  };

  /** 0 to 1; null before the first read. */
  get ratio(): number | null {
    return this.#reads === 0 ? null : this.#hits / this.#reads;
  }

  #count(outcome: CacheOutcome): void {
    if (outcome === 'none') return;
    this.#reads += 1;
    if (outcome === 'hit' || outcome === 'negative') this.#hits += 1;
  }
}
