/** What clients were told of products, and which of it was out of date when they asked. */
export class StaleChecker {
  readonly #acknowledged = new Map<number, number>();
  #reads = 0;
  #stale = 0;
  #writes = 0;

  /** The version that an answer to a question asked now must have at least: that of the last acknowledged write. */
  floor(id: number): number {
    return this.#acknowledged.get(id) ?? 0;
  }

  /** A read that was asked when the floor was this has returned a version. */
  read(version: number, floor: number): void {
    this.#reads += 1;
    if (version < floor) this.#stale += 1;
  }

  /** A write has been acknowledged: from now on nobody may be told an older version. */
  acknowledged(id: number, version: number): void {
    this.#writes += 1;
    this.#acknowledged.set(id, Math.max(version, this.floor(id)));
  }

  get counts(): StaleCounts {
    return { reads: this.#reads, stale: this.#stale, writes: this.#writes };
  }
}

export interface StaleCounts {
  readonly reads: number;
  /** Reads that began after a write was acknowledged and returned an older version. */
  readonly stale: number;
  readonly writes: number;
}
