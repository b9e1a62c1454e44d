import {
  type CacheAdmin,
  type CacheInspection,
  type CacheKey,
  formatCacheKey,
  type InvalidatedEntry,
  type Verification,
} from '@throughline/product-repository';
import type { WarmProgress } from '@throughline/write-through';

/** An administration without a cache, for tests of what stands in front of it. */
export class InMemoryCacheAdmin implements CacheAdmin {
  /** Keys of the entries that were dropped, in that order. */
  readonly invalidated: string[] = [];
  /** How many steps of warm-ups were taken. */
  warmSteps = 0;
  /** Thrown by every operation while set. */
  failure: Error | null = null;
  #epoch = 1;

  async invalidate(key: CacheKey): Promise<InvalidatedEntry> {
    this.#failIfAsked();
    const text = formatCacheKey(key);
    this.invalidated.push(text);
    return { key: text, outcome: 'published' };
  }

  async reset(): Promise<{ readonly epoch: number }> {
    this.#failIfAsked();
    this.#epoch += 1;
    return { epoch: this.#epoch };
  }

  async inspect(key: CacheKey): Promise<CacheInspection> {
    this.#failIfAsked();
    const entry = { state: 'absent' } as const;
    return { key: formatCacheKey(key), epoch: this.#epoch, entry, row: null };
  }

  /** A step for each product asked. */
  async *warm(total: number): AsyncGenerator<WarmProgress, void> {
    this.#failIfAsked();
    for (let loaded = 0; loaded <= total; loaded += 1) {
      this.warmSteps += 1;
      yield { loaded, total };
    }
  }

  async verify(sample: number): Promise<Verification> {
    this.#failIfAsked();
    return { sample, same: sample, different: 0, absent: 0, unjudged: 0, differences: [] };
  }

  #failIfAsked(): void {
    if (this.failure) throw this.failure;
  }
}
