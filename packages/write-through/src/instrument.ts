/** How one read of the cache ended. `error` is a bypass because a cache step failed. */
export type ReadOutcome = 'hit' | 'negative' | 'miss' | 'pending' | 'bypass' | 'error';

/**
 * How one committed write left the cache: `published` means that the next read hits, `deferred` that the first
 * reader will settle what the writer could not, `bypass` that the cache is not in use.
 */
export type WriteOutcome = 'published' | 'deferred' | 'bypass';

/** What an operation reports about the cache; `none`: it did not concern the cache. */
export type CacheOutcome = ReadOutcome | WriteOutcome | 'none';

/** One named operation of the service, for example `{ name: 'updatePrice', kind: 'write' }`. */
export interface Operation {
  readonly name: string;
  readonly kind: 'read' | 'write';
}

/** The part of an operation's result that an instrument reads. */
export interface Measured {
  readonly outcome: CacheOutcome;
}

/**
 * The one seam between domain and telemetry: runs the operation, observes it, and hands its result
 * (or its error) on unchanged.
 */
export type Instrument = <T extends Measured>(
  operation: Operation,
  run: () => Promise<T>,
) => Promise<T>;
