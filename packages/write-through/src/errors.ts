/** The parent of every error that the engine throws on purpose; `code` is literal in each child. */
export abstract class WriteThroughError extends Error {
  abstract readonly code: string;
  override get name(): string {
    return this.constructor.name;
  }
}

/** A write was rolled back because its intent could not be placed in the cache in time. Safe to repeat. */
export class CacheUnavailableError extends WriteThroughError {
  readonly code = 'CACHE_UNAVAILABLE';
}

/** PostgreSQL could not be reached or did not answer in time; nothing was committed. Safe to repeat. */
export class DatabaseUnavailableError extends WriteThroughError {
  readonly code = 'DATABASE_UNAVAILABLE';
}

/** Too many reads or writes wait for PostgreSQL; this one was not sent. Safe to repeat a little later. */
export class DatabaseOverloadedError extends WriteThroughError {
  readonly code = 'DATABASE_OVERLOADED';
}

/** The connection broke after COMMIT was sent and PostgreSQL could not be asked in time what became of it. */
export class CommitOutcomeUnknownError extends WriteThroughError {
  readonly code = 'COMMIT_OUTCOME_UNKNOWN';
}

/** Other writes kept changing what this write had to know beforehand; nothing was committed. Safe to repeat. */
export class WriteContendedError extends WriteThroughError {
  readonly code = 'WRITE_CONTENDED';
}

/** Nobody waits for the answer any more, and the work had not begun; nothing was done. */
export class CallAbandonedError extends WriteThroughError {
  readonly code = 'CALL_ABANDONED';
}
