import type { Ambient } from './ambient.ts';
import type { EpochReading, EpochRegister } from './epoch-register.ts';
import type { Limits } from './limits.ts';

export interface TrustLeaseParts {
  readonly register: Pick<EpochRegister, 'read'>;
  readonly ambient: Pick<Ambient, 'nowMs' | 'monotonicMs'>;
  readonly limits: Pick<Limits, 'trustLeaseMs' | 'clockDriftRatio' | 'clockStepMaxMs'>;
}

/**
 * How long this process may believe what it last read in the epoch row.
 *
 * Whoever ends an epoch waits for the whole length after the row said so, and a holder stops a margin earlier,
 * counted from before it asked: so when the wait is over nobody still answers from the old epoch, whatever it
 * can or cannot reach. The lease rests on monotonic clocks running at nearly one rate. Where a machine was
 * suspended the monotonic clock may have stood still, which shows against the wall clock, and ends the lease.
 *
 * The method is that of leases in Gray and Cheriton, "Leases: an efficient fault-tolerant mechanism for
 * distributed file cache consistency" (1989), with one lease for the whole store.
 */
export class TrustLease {
  readonly #parts: TrustLeaseParts;
  #held: Held | undefined;

  constructor(parts: TrustLeaseParts) {
    this.#parts = parts;
  }

  /** What the row last said, however long ago. */
  get reading(): EpochReading | undefined {
    return this.#held?.reading;
  }

  /** Whether the row cannot have been left by everybody else since. */
  get isHeld(): boolean {
    return this.leftMs > 0;
  }

  /** For how long it is still held without being renewed; 0 if it is not. */
  get leftMs(): number {
    if (this.#held === undefined) return 0;
    const { ambient, limits } = this.#parts;
    const monotonicMs = ambient.monotonicMs() - this.#held.monotonicMs;
    const wallMs = ambient.nowMs() - this.#held.wallMs;
    if (Math.abs(wallMs - monotonicMs) > limits.clockStepMaxMs) return 0;
    return Math.max(0, limits.trustLeaseMs * (1 - limits.clockDriftRatio) - monotonicMs);
  }

  /** Reads the row, and holds the lease anew from the moment before it was asked for. Throws if PostgreSQL does not answer. */
  async renew(): Promise<EpochReading> {
    const { ambient, register } = this.#parts;
    const now = () => ({ monotonicMs: ambient.monotonicMs(), wallMs: ambient.nowMs() });
    let asked = now();
    const reading = await register.read(() => (asked = now()));
    // An answer that overtook a later one must not take its place.
    if (this.#held === undefined || this.#held.monotonicMs <= asked.monotonicMs) {
      this.#held = { ...asked, reading };
    }
    return reading;
  }
}

interface Held {
  readonly monotonicMs: number;
  readonly wallMs: number;
  readonly reading: EpochReading;
}
