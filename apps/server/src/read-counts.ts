import type { ReadOutcome } from '@throughline/write-through';

/** How often the cache was read since the process began, by the outcome. */
export class ReadCounts {
  readonly #counts = { hit: 0, negative: 0, miss: 0, pending: 0, bypass: 0, error: 0 };

  note(outcome: ReadOutcome): void {
    this.#counts[outcome] += 1;
  }

  get counts(): Readonly<Record<ReadOutcome, number>> {
    return { ...this.#counts };
  }

  /** The share that an entry answered, one that says "absent" among them, 0 to 1; null before the first read. */
  get hitRatio(): number | null {
    const { hit, negative, ...others } = this.#counts;
    const hits = hit + negative;
    const reads = Object.values(others).reduce((sum, count) => sum + count, hits);
    return reads === 0 ? null : hits / reads;
  }
}
