import type { ExperimentName } from './plan.ts';
import type { VariantName } from './variants/variant.ts';

/** One turn of one variant at one workload. */
export interface Turn {
  /** User and system time of the measured process, by its own account. */
  readonly cpuMicrosPerCall: number;
  readonly callsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** All turns of one variant at one workload, over all lives. Turns with the same index were in the same round. */
export interface Cell {
  readonly workload: string;
  readonly variant: VariantName;
  readonly turns: readonly Turn[];
}

/** What a variant did under the mix: as often as was offered, 5 % of it writes, and every answer checked. */
export interface MixResult {
  readonly variant: VariantName;
  readonly offeredPerSecond: number;
  readonly answeredPerSecond: number;
  readonly reads: number;
  /** Reads that began after a write was acknowledged, and returned an older version. */
  readonly stale: number;
  readonly writes: number;
  /** Acknowledged writes that another one overwrote without having seen them. */
  readonly lost: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuMicrosPerCall: number;
  /** Of the service alone. */
  readonly cache?: CacheShares;
}

export interface CacheShares {
  /** Hits among the reads that met no pending write; one for each life. */
  readonly hitRatios: readonly number[];
  /** Reads that met a pending write among all. */
  readonly pendingShare: number;
}

/** Simultaneous reads of one absent key. */
export interface StampedeResult {
  readonly variant: VariantName;
  readonly processes: number;
  readonly reads: number;
  /** SELECTs of the process that sent most, for each round. */
  readonly selectsMax: readonly number[];
  /** SELECTs of all processes, for each round. */
  readonly selects: readonly number[];
  readonly stale: number;
}

export interface WarmUpResult {
  readonly entries: number;
  readonly oursSeconds: readonly number[];
  /** SELECT by pages and pipelined SET, and nothing else. */
  readonly bareSeconds: readonly number[];
  readonly payloadBytes: number;
  readonly oursBytesPerEntry: readonly number[];
  readonly bareBytesPerEntry: readonly number[];
}

export interface WorkersResult {
  readonly one: readonly Turn[];
  readonly two: readonly Turn[];
  /** Why throughput of two says nothing here; undefined where it does. */
  readonly notShown?: string | undefined;
}

export interface ClusterResult {
  readonly keys: number;
  readonly nodes: number;
  /** How often a node read from its sockets for one call, for each node. */
  readonly roundTripsPerNode: readonly number[];
}

export interface EngineResult {
  readonly engine: string;
  readonly readsPerSecond: readonly number[];
  readonly cpuMicrosPerRead: readonly number[];
}

/** One quantity in dependence on another, of several variants or kinds of calls. */
export interface Curve {
  /** Names its file. */
  readonly name: string;
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** Equal factors of x are equal distances unless it is `linear`. */
  readonly xScale?: 'linear';
  readonly lines: readonly {
    readonly name: string;
    readonly points: readonly { readonly x: number; readonly y: number }[];
  }[];
}

export interface Failure {
  readonly experiment: ExperimentName | 'growth';
  readonly message: string;
}

export function failureOf(experiment: Failure['experiment'], err: unknown): Failure {
  return { experiment, message: err instanceof Error ? err.message : String(err) };
}

/** Everything that one run has measured. */
export interface Measurements {
  readonly cells: readonly Cell[];
  readonly mixes: readonly MixResult[];
  readonly stampedes: readonly StampedeResult[];
  readonly warmUp?: WarmUpResult | undefined;
  readonly workers?: WorkersResult | undefined;
  readonly cluster?: ClusterResult | undefined;
  readonly engines: readonly EngineResult[];
  readonly curves: readonly Curve[];
  /** What could not be measured. A ratio that needs it has fallen short. */
  readonly failures: readonly Failure[];
}
