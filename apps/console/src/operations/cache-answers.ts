import type { ThroughlineClient } from '@throughline/client';

type Cache = ThroughlineClient['cache'];

/** What `cache.status` answers with. */
export type CacheStatus = Awaited<ReturnType<Cache['status']['query']>>;
export type Latencies = CacheStatus['latencies'][number];
export type ReadOutcome = keyof CacheStatus['reads'];
export type CacheSuccess = Latencies['cacheSuccess'];
export type OperationKind = Latencies['kind'];

/** What `cache.inspect` answers with. */
export type Inspection = Awaited<ReturnType<Cache['inspect']['query']>>;

/** What `cache.verify` answers with. */
export type Verification = Awaited<ReturnType<Cache['verify']['mutate']>>;

/** One step of what `cache.warm` answers with. */
export interface WarmProgress {
  readonly loaded: number;
  readonly total: number;
}
