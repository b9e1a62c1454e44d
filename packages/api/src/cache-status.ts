import type { AuditState, OutboxBacklog } from '@throughline/write-through';

/** The state of the cache as one process sees it. */
export interface CacheStatus {
  /** `draining`: an epoch ends and writes wait; `bypass`: PostgreSQL alone answers and takes writes. */
  readonly mode: 'active' | 'draining' | 'bypass';
  readonly epoch: number;
  /** Whether this process may answer from the cache at this moment. */
  readonly trusted: boolean;
  /** Whether PostgreSQL has confirmed the epoch lately, so that entries may be believed. */
  readonly leaseHeld: boolean;
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
