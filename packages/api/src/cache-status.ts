import type { AuditState, OutboxBacklog, ReadOutcome } from '@throughline/write-through';

/** The state of the cache as one process sees it. */
export interface CacheStatus {
  /** Who answers. Of several processes, the next answer may be another's. */
  readonly process: {
    readonly pid: number;
    /** Its number among the workers of one supervisor; null of a process that serves alone. */
    readonly worker: number | null;
    /** When it began, and with it all that is counted here; ISO 8601. */
    readonly startedAt: string;
  };
  /** `draining`: an epoch ends and writes wait; `bypass`: PostgreSQL alone answers and takes writes. */
  readonly mode: 'active' | 'draining' | 'bypass';
  readonly epoch: number;
  /** Whether this process may answer from the cache at this moment. */
  readonly trusted: boolean;
  /** Whether PostgreSQL has confirmed the epoch lately, so that entries may be believed. */
  readonly leaseHeld: boolean;
  /** How long that holds without another word of PostgreSQL; 0 without a lease. */
  readonly leaseLeftMs: number;
  /** Whether this process reaches a Redis that is fit to hold the cache. */
  readonly storeReachable: boolean;
  /** Whether other processes reach Redis and this one does not. */
  readonly isolated: boolean;
  /** Writes of this process that have begun and not ended. */
  readonly pendingWrites: number;
  /** Entries in Redis with a write under way, of all processes, when this one last looked; null before that. */
  readonly pendingEntries: number | null;
  /** How long the one of them waits that was last intended first, at that moment; 0 without one. */
  readonly oldestPendingMs: number | null;
  /** Statements of this process that fetch what the cache did not have. */
  readonly loadsRunning: number;
  /** Records of this process that wait for such a statement, and other statements that wait for their turn. */
  readonly loadsWaiting: number;
  /** Hits among all reads of the cache since the process began, 0 to 1; null before the first read. */
  readonly hitRatio: number | null;
  /** Records asked of the cache since the process began, by the outcome of the read: `cache_requests_total`. */
  readonly reads: Readonly<Record<ReadOutcome, number>>;
  /**
   * How long reads and writes took since the process began, by the end of their cache step: what
   * `product_read_duration_seconds` and `product_write_duration_seconds` tell, of all procedures together. Without those
   * of which there was none.
   */
  readonly latencies: readonly Latencies[];
  /** The keys that this process was asked for most in the last minutes, the hottest first; ten at most. */
  readonly hotKeys: readonly {
    /** Such as `product:42`. */
    readonly key: string;
    /** Its share of all reads of the cache, 0 to 1, from a sample of them. */
    readonly share: number;
  }[];
  /** Changes made past the service that the cache has yet to follow, when this process last looked; null before. */
  readonly outbox: OutboxBacklog | null;
  /** What the auditor of this process has found: see docs/operations.md. */
  readonly audit: AuditState;
  readonly warmUp: {
    /** `paused`: it goes on when the store can be trusted. `incomplete`: it ended, and some were not loaded. */
    readonly state: 'idle' | 'running' | 'paused' | 'done' | 'incomplete';
    readonly loaded: number;
    readonly total: number;
    /** Products loaded in a second, since it began. */
    readonly perSecond: number;
  };
}

/** Of the operations of one kind whose cache step ended in one way. */
export interface Latencies {
  readonly kind: 'read' | 'write';
  /** `true`: the cache took its part; `false`: a cache step that was due failed; `none`: none was due. */
  readonly cacheSuccess: 'true' | 'false' | 'none';
  /** How many took no longer than each of these, ascending. */
  readonly buckets: readonly { readonly upToMs: number; readonly count: number }[];
  /** All of them, those that took longer than the last bucket too. */
  readonly count: number;
  readonly sumMs: number;
}
