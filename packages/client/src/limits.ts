/** What retries and timers are bounded by, each with its reason. */
export const limits = {
  /** Longer than a restart of the service or a new epoch of its cache; shorter than a person's patience. */
  retryForMs: 10_000,
  /** Upper end of the first wait, doubled each time. A wait is random from zero up, so that callers spread. */
  backoffMinMs: 100,
  /** A service that is back is found within this time. */
  backoffMaxMs: 2_000,
  /** A service with more work than it can do is left alone for this long, or retries would be most of its work. */
  overloadedPauseMs: 1_000,
  /** A timer that is asked for more ends at once. */
  timerMsMax: 2 ** 31 - 1,
} as const;
