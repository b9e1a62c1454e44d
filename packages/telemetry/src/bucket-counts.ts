import type { ExemplarLabels } from './exemplar.ts';

/** An observation that names its trace, as an exposition tells it. */
export interface KeptExemplar {
  readonly labelSet: ExemplarLabels;
  readonly value: number;
  /** Seconds since the epoch. */
  readonly timestamp: number;
}

/** What was observed under one set of labels: how often within each bucket, not yet summed up. */
export class BucketCounts {
  readonly #edges: readonly number[];
  readonly #counts: Float64Array;
  readonly #exemplars = new Map<number, KeptExemplar>();
  #sum = 0;

  /** @param edges upper edges, ascending; above the last there is one more bucket */
  constructor(edges: readonly number[]) {
    this.#edges = edges;
    this.#counts = new Float64Array(edges.length + 1);
  }

  get sum(): number {
    return this.#sum;
  }

  /** Throws a `TypeError` on what is no number. The latest exemplar of a bucket is kept. */
  observe(value: number, exemplar?: ExemplarLabels): void {
    if (!Number.isFinite(value)) throw new TypeError(`${value} is not a finite number.`);
    const bucket = this.#bucketOf(value);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += value;
    if (exemplar === undefined) return;
    const timestamp = Date.now() / 1000;
    this.#exemplars.set(bucket, { labelSet: exemplar, value, timestamp });
  }

  /** For each bucket how many observations there were up to its edge; the last counts all. */
  cumulative(): {
    readonly edge: number;
    readonly count: number;
    readonly exemplar?: KeptExemplar;
  }[] {
    let count = 0;
    return Array.from(this.#counts, (own, bucket) => {
      count += own;
      const exemplar = this.#exemplars.get(bucket);
      const edge = this.#edges[bucket] ?? Number.POSITIVE_INFINITY;
      return { edge, count, ...(exemplar && { exemplar }) };
    });
  }

  /** Few edges, and most observations below the first of them: searching by halves would take longer. */
  #bucketOf(value: number): number {
    let bucket = 0;
    for (const edge of this.#edges) {
      if (value <= edge) return bucket;
      bucket += 1;
    }
    return bucket;
  }
}
