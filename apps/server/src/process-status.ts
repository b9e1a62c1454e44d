import type { CacheStatus, Latencies } from '@throughline/api';
import type { Metrics } from '@throughline/telemetry';
import type { Catalogue } from './catalogue.ts';

export interface ProcessStatusParts {
  readonly catalogue: Pick<Catalogue, 'status'>;
  readonly metrics: Pick<Metrics, 'distributions'>;
  /** Its number among several; undefined of a process that serves alone. */
  readonly worker: number | undefined;
}

/** What `cache.status` tells: the state of the catalogue, with what this process has measured of it. */
export function processStatus({ catalogue, metrics, worker }: ProcessStatusParts): CacheStatus {
  return {
    process: { pid: process.pid, worker: worker ?? null, startedAt },
    ...catalogue.status(),
    latencies: [...latenciesOf('read', metrics), ...latenciesOf('write', metrics)],
  };
}

const startedAt = new Date(performance.timeOrigin).toISOString();

/** Not counted beside the metrics: whoever compares the two finds the same numbers. */
function latenciesOf(kind: Latencies['kind'], metrics: ProcessStatusParts['metrics']): Latencies[] {
  const told = metrics.distributions(`product_${kind}_duration_seconds`, 'cache_success');
  return Array.from(told, ([cacheSuccess, { buckets, sum }]) => ({
    kind,
    cacheSuccess,
    buckets: buckets
      .filter(({ edge }) => edge !== Number.POSITIVE_INFINITY)
      .map(({ edge, count }) => ({ upToMs: edge * 1000, count })),
    count: buckets.at(-1)?.count ?? 0,
    sumMs: sum * 1000,
  }));
}
