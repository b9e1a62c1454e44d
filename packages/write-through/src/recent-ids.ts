/** Keeps the ids of a random few of the reads, for the auditor. A read that is not kept costs one subtraction. */
export class RecentIds<Id> {
  readonly #options: RecentIdsOptions;
  readonly #kept = new Set<Id>();
  /** Reads that are still passed over. */
  #skip = 0;

  constructor(options: RecentIdsOptions) {
    this.#options = options;
  }

  note(id: Id): void {
    if (this.#skip > 0) {
      this.#skip -= 1;
      return;
    }
    const { random, oneIn, keptMax } = this.#options;
    // Drawn anew each time: a fixed gap would meet the same ids again when they are read in turn.
    this.#skip = Math.floor(random() * (2 * oneIn - 1));
    this.#kept.add(id);
    if (this.#kept.size > keptMax) this.take(1);
  }

  /** The oldest of the ids, each of them once; they are not kept any longer. */
  take(countMax: number): Id[] {
    const taken = this.#kept.values().take(countMax).toArray();
    for (const id of taken) this.#kept.delete(id);
    return taken;
  }
}

export interface RecentIdsOptions {
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** One in so many reads is kept, on average. */
  readonly oneIn: number;
  /** Of more ids than these, the oldest give way. */
  readonly keptMax: number;
}
