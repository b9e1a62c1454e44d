import { SpaceSaving } from './space-saving.ts';

/** A key that is read much, and its share of the reads of the last minutes, 0 to 1. */
export interface HotKey {
  readonly key: string;
  readonly share: number;
}

export interface HotKeysOptions {
  /** Milliseconds by a clock that is never set. */
  readonly nowMs: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** A share may be told too low by one in so many; as many keys are remembered. */
const countersMax = 1_000;
/** After so long a read weighs half: a key that became hot shows within a minute, and is gone within a few. */
const halfLifeMs = 60_000;
/** One read in so many is counted, on average: plenty where a hot key matters, and a page of products is quickly told. */
const oneInReads = 8;
/** The clock is looked at once in so many reads that are counted. */
const notesPerLook = 64;

/**
 * Which keys get most of the reads of the last minutes, in bounded memory.
 *
 * Reads wait for this, so a random few of them are counted. A read that is passed over costs one subtraction, and one that
 * is counted 0.1 to 1.7 µs: the most where all keys are new. On average that is 0.02 to 0.2 µs a read (two shared cores of
 * a virtual machine, November 2026; it says nothing of other machines).
 */
export class HotKeys {
  readonly #options: HotKeysOptions;
  readonly #sketch = new SpaceSaving(countersMax);
  #halvedMs: number;
  #untilLook = notesPerLook;
  /** Reads that are still passed over. */
  #skip = 0;

  constructor(options: HotKeysOptions) {
    this.#options = options;
    this.#halvedMs = options.nowMs();
  }

  note(key: string): void {
    if (this.#skip > 0) {
      this.#skip -= 1;
      return;
    }
    // Drawn anew each time: a fixed gap would meet the same keys again when they are read in turn.
    this.#skip = Math.floor(this.#options.random() * (2 * oneInReads - 1));
    this.#untilLook -= 1;
    if (this.#untilLook === 0) this.#forget();
    this.#sketch.add(key);
  }

  /** The most read keys, the hottest first; fewer where fewer are read. */
  top(length: number): HotKey[] {
    this.#forget();
    const { total } = this.#sketch;
    return this.#sketch
      .top(length)
      .map(({ key, count, error }) => ({ key, share: (count - error) / total }));
  }

  #forget(): void {
    this.#untilLook = notesPerLook;
    const halvings = Math.floor((this.#options.nowMs() - this.#halvedMs) / halfLifeMs);
    if (halvings <= 0) return;
    this.#halvedMs += halvings * halfLifeMs;
    this.#sketch.scale(0.5 ** halvings);
    // What is left of a single read by then is nothing to tell of.
    if (this.#sketch.total < 1) this.#sketch.clear();
  }
}
