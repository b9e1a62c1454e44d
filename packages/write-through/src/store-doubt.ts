import type { Ambient } from './ambient.ts';
import type { Doubt, EpochRegister } from './epoch-register.ts';
import { type Epoch, isSameEpoch } from './epoch.ts';
import type { Limits } from './limits.ts';

export interface StoreDoubtParts {
  readonly register: Pick<EpochRegister, 'doubt'>;
  readonly ambient: Pick<Ambient, 'monotonicMs'>;
  readonly limits: Pick<Limits, 'vouchWaitMs' | 'trustLeaseMs' | 'isolationMs'>;
}

/**
 * Whether the store is away for all, or this process is alone in not reaching it.
 *
 * A process that cannot use the store says so in the epoch row. Whoever reads that and can use it vouches for
 * it there. So one process with a broken network refuses its own writes, and the others keep their cache; only
 * when that lasts does it count as if the store were away.
 */
export class StoreDoubt {
  readonly #parts: StoreDoubtParts;
  #raised: Raised | undefined;
  /** Since when others vouched for the store while this process could not use it. */
  #aloneSinceMs: number | undefined;

  constructor(parts: StoreDoubtParts) {
    this.#parts = parts;
  }

  /** Whether others can use the store that this process cannot. */
  get isAlone(): boolean {
    return this.#aloneSinceMs !== undefined;
  }

  /** Raises the doubt where it is not raised, and tells how long it has to wait; 0: the store is to be left. */
  async judge(epoch: Epoch, heard: Doubt | undefined): Promise<number> {
    const { ambient, limits } = this.#parts;
    if (this.#raised === undefined || !isSameEpoch(epoch, this.#raised.epoch)) {
      this.clear();
      return this.#raise(epoch);
    }
    const askedMs = ambient.monotonicMs() - this.#raised.monotonicMs;
    if ((heard?.vouchedAtMs ?? 0) > this.#raised.atMs) {
      this.#aloneSinceMs ??= ambient.monotonicMs();
      const aloneMs = ambient.monotonicMs() - this.#aloneSinceMs;
      if (aloneMs >= limits.isolationMs) return 0;
      // Those who vouched may lose the store next, so they are asked again.
      return askedMs >= limits.trustLeaseMs ? this.#raise(epoch) : limits.trustLeaseMs - askedMs;
    }
    return Math.max(0, limits.vouchWaitMs - askedMs);
  }

  /** This process can use the store again. */
  clear(): void {
    this.#raised = undefined;
    this.#aloneSinceMs = undefined;
  }

  async #raise(epoch: Epoch): Promise<number> {
    const monotonicMs = this.#parts.ambient.monotonicMs();
    const doubt = await this.#parts.register.doubt(epoch);
    this.#raised = doubt && { epoch, atMs: doubt.raisedAtMs, monotonicMs };
    return this.#parts.limits.vouchWaitMs;
  }
}

interface Raised {
  readonly epoch: Epoch;
  /** By PostgreSQL's clock, to be compared with the answers. */
  readonly atMs: number;
  readonly monotonicMs: number;
}
