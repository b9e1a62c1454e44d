/** A key that is counted: it was added at least `count - error` times, and at most `count` times. */
export interface CountedKey {
  readonly key: string;
  readonly count: number;
  readonly error: number;
}

interface Counter {
  key: string;
  count: number;
  error: number;
  /** Its index in the heap. */
  place: number;
}

/**
 * Counts the most frequent of any number of keys with a bounded number of counters: the algorithm Space-Saving of Metwally,
 * Agrawal and El Abbadi (2005). A key without a counter takes over the lowest one, with its count, so counts are never too
 * low. None is too high by more than `total / countersMax`, and no key with more than that has no counter.
 *
 * The counters are a heap whose root is the lowest: to add costs a look-up and at most log2(countersMax) steps.
 */
export class SpaceSaving {
  readonly #countersMax: number;
  readonly #heap: Counter[] = [];
  readonly #byKey = new Map<string, Counter>();
  #total = 0;

  constructor(countersMax: number) {
    this.#countersMax = countersMax;
  }

  /** The sum of all counts, which is that of everything added. */
  get total(): number {
    return this.#total;
  }

  add(key: string): void {
    this.#total += 1;
    const counter = this.#byKey.get(key) ?? this.#counterFor(key);
    counter.count += 1;
    this.#sink(counter);
  }

  /** Multiplies all that was counted so far: older keys weigh less then than those to come. */
  scale(factor: number): void {
    this.#total *= factor;
    for (const counter of this.#heap) {
      counter.count *= factor;
      counter.error *= factor;
    }
  }

  clear(): void {
    this.#total = 0;
    this.#heap.length = 0;
    this.#byKey.clear();
  }

  /** Those that were certainly added most often, the most frequent first. */
  top(length: number): CountedKey[] {
    return this.#heap
      .map(({ key, count, error }) => ({ key, count, error }))
      .toSorted((one, other) => other.count - other.error - (one.count - one.error))
      .slice(0, length);
  }

  #counterFor(key: string): Counter {
    const [lowest] = this.#heap;
    if (lowest === undefined || this.#heap.length < this.#countersMax) return this.#newCounter(key);
    this.#byKey.delete(lowest.key);
    lowest.key = key;
    lowest.error = lowest.count;
    this.#byKey.set(key, lowest);
    return lowest;
  }

  #newCounter(key: string): Counter {
    const counter = { key, count: 0, error: 0, place: this.#heap.length };
    this.#heap.push(counter);
    this.#byKey.set(key, counter);
    this.#rise(counter);
    return counter;
  }

  /** Up, past those that are higher. */
  #rise(counter: Counter): void {
    for (;;) {
      const parent = this.#heap[(counter.place - 1) >> 1];
      if (parent === undefined || parent.count <= counter.count) return;
      this.#swap(parent, counter);
    }
  }

  /** Down, past those that are lower. */
  #sink(counter: Counter): void {
    for (;;) {
      const left = this.#heap[2 * counter.place + 1];
      const right = this.#heap[2 * counter.place + 2];
      const lower = right === undefined || (left && left.count <= right.count) ? left : right;
      if (lower === undefined || lower.count >= counter.count) return;
      this.#swap(counter, lower);
    }
  }

  #swap(above: Counter, below: Counter): void {
    const { place } = above;
    above.place = below.place;
    below.place = place;
    this.#heap[above.place] = above;
    this.#heap[below.place] = below;
  }
}
