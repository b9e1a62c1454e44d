/** The state of the cache as one process sees it. */
export interface CacheStatus {
  readonly mode: 'active' | 'draining';
  readonly epoch: number;
  /** Whether this process may answer from the cache at this moment. */
  readonly trusted: boolean;
  readonly pendingWrites: number;
  /** Hits among all reads of the cache since the process began, 0 to 1; null before the first read. */
  readonly hitRatio: number | null;
  readonly warmUp: {
    readonly state: 'idle' | 'running' | 'done' | 'incomplete';
    readonly loaded: number;
    readonly total: number;
  };
}
