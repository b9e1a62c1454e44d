import type { CacheStatus, CacheSuccess, Latencies, OperationKind } from './cache-answers.ts';
import { histogramQuantile } from './histogram-quantile.ts';

/** What has been told of a service since the page was opened, the last minutes of it. */
export interface StatusHistory {
  /** The latest answer, and when it came. */
  readonly status: CacheStatus;
  readonly atMs: number;
  /** One for each answer, the oldest first. */
  readonly points: readonly Point[];
  /** The answers that later ones are compared with. */
  readonly samples: readonly Sample[];
}

/** What happened in the seconds before one answer, in the process that gave it. */
export interface Point {
  readonly atMs: number;
  readonly process: string;
  /** Null where nothing was read, and where there is nothing to compare with. */
  readonly hitRatio: number | null;
  /** Null where there is nothing to compare with. */
  readonly readsPerSecond: CacheStatus['reads'] | null;
  readonly latencies: readonly LatencyPoint[];
}

export interface LatencyPoint {
  readonly kind: OperationKind;
  readonly cacheSuccess: CacheSuccess;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

type Sample = Pick<CacheStatus, 'reads' | 'latencies'> & {
  readonly atMs: number;
  readonly process: string;
};

/** A point tells of so many milliseconds before it: enough operations for a p99, few enough to see what changes. */
export const windowMs = 10_000;

/** How far back the charts go. */
export const historyMs = 5 * 60_000;

/** Adds an answer. Answers of one process are compared with each other alone: of another, or after a restart, counting begins anew. */
export function extendedHistory(
  history: StatusHistory | undefined,
  status: CacheStatus,
  atMs: number,
): StatusHistory {
  const { reads, latencies } = status;
  const sample: Sample = { atMs, process: processKey(status), reads, latencies };
  const samples = (history?.samples ?? []).filter((one) => one.atMs >= atMs - windowMs);
  const points = (history?.points ?? []).filter((one) => one.atMs >= atMs - historyMs);
  const base = samples.find((one) => one.process === sample.process && one.atMs < atMs);
  return {
    status,
    atMs,
    points: [...points, pointBetween(base, sample)],
    samples: [...samples, sample],
  };
}

function processKey({ process: { pid, startedAt } }: CacheStatus): string {
  return `${pid} ${startedAt}`;
}

function pointBetween(base: Sample | undefined, sample: Sample): Point {
  const { atMs, process } = sample;
  const reads = base && differenceOf(base.reads, sample.reads);
  if (base === undefined || reads === undefined) {
    return { atMs, process, hitRatio: null, readsPerSecond: null, latencies: [] };
  }
  const seconds = (atMs - base.atMs) / 1000;
  const { hit, negative, miss, pending, bypass, error } = reads;
  const all = hit + negative + miss + pending + bypass + error;
  return {
    atMs,
    process,
    hitRatio: all === 0 ? null : (hit + negative) / all,
    readsPerSecond: {
      hit: hit / seconds,
      negative: negative / seconds,
      miss: miss / seconds,
      pending: pending / seconds,
      bypass: bypass / seconds,
      error: error / seconds,
    },
    latencies: sample.latencies.flatMap((latencies) => latencyPoint(base, latencies, seconds)),
  };
}

/** Undefined where a count went back, which it never does in one process. */
function differenceOf(
  before: CacheStatus['reads'],
  now: CacheStatus['reads'],
): CacheStatus['reads'] | undefined {
  const difference = {
    hit: now.hit - before.hit,
    negative: now.negative - before.negative,
    miss: now.miss - before.miss,
    pending: now.pending - before.pending,
    bypass: now.bypass - before.bypass,
    error: now.error - before.error,
  };
  return Object.values(difference).some((count) => count < 0) ? undefined : difference;
}

/** None of a kind of which nothing ended meanwhile. */
function latencyPoint(base: Sample, now: Latencies, seconds: number): LatencyPoint[] {
  const { kind, cacheSuccess } = now;
  const before = base.latencies.find(
    (one) => one.kind === kind && one.cacheSuccess === cacheSuccess,
  );
  const count = now.count - (before?.count ?? 0);
  const buckets = now.buckets.map((bucket, at) => ({
    upToMs: bucket.upToMs,
    count: bucket.count - (before?.buckets[at]?.count ?? 0),
  }));
  const p50Ms = histogramQuantile(0.5, buckets, count);
  const p99Ms = histogramQuantile(0.99, buckets, count);
  if (p50Ms === null || p99Ms === null) return [];
  return [{ kind, cacheSuccess, perSecond: count / seconds, p50Ms, p99Ms }];
}
