export interface Bucket {
  readonly upToMs: number;
  /** How many took no longer. */
  readonly count: number;
}

/**
 * The time that a share of all operations did not exceed, as Prometheus' `histogram_quantile` tells it: within a bucket they
 * are taken to be spread evenly, and what took longer than the last edge is told as that edge. Null without any.
 *
 * @param level 0 to 1
 * @param count of all operations, those beyond the last edge too
 */
export function histogramQuantile(
  level: number,
  buckets: readonly Bucket[],
  count: number,
): number | null {
  if (count <= 0) return null;
  const rank = level * count;
  let lower: Bucket = { upToMs: 0, count: 0 };
  for (const bucket of buckets) {
    if (bucket.count >= rank && bucket.count > lower.count) {
      const part = (rank - lower.count) / (bucket.count - lower.count);
      return lower.upToMs + (bucket.upToMs - lower.upToMs) * part;
    }
    lower = bucket;
  }
  return lower.upToMs;
}
