import type { ReadOutcome } from './instrument.ts';

/**
 * Why a read found no entry to answer from. `absent`: there is none, or another reader is fetching it.
 * `invalidated`: it is pending, so a write is under way or was never settled. `schema_skew`: another release wrote
 * it, or it was withheld. `decode_error`: its bytes are none that we wrote. `timeout`: the store failed or did not
 * answer in time. `untrusted`: no epoch may be used.
 */
export type MissReason =
  'absent' | 'invalidated' | 'schema_skew' | 'decode_error' | 'timeout' | 'untrusted';

/** Why a record was read from PostgreSQL. */
export type LoadCause = 'miss' | 'pending' | 'untrusted' | 'error';

/** What became of one entry of a committed write. `superseded`: it had moved on, so nothing was to be done. */
export type EntryOutcome = 'published' | 'superseded' | 'deferred';

/** One flight: it is told from another by its identity alone. */
export interface Flight {
  readonly namespace: string;
}

/**
 * Told of what happens within the cache, as it happens, for whoever measures it. Reads wait for it, so it is quick;
 * it must not throw. Without one, nothing is told.
 */
export interface CacheObserver {
  /** A read asks for the record whose entry has this key. */
  asked(key: string): void;
  /** A record was read, and how that ended. */
  read(namespace: string, outcome: ReadOutcome): void;
  /** An entry of this version answered that was written, or given its span again, so long ago. */
  answered(namespace: string, ageMs: number, version: number): void;
  missed(namespace: string, reason: MissReason): void;
  /** A read boarded a flight that another one had boarded. It may not have taken off. */
  joined(flight: Flight): void;
  /** Runs a flight, from its take-off to its landing, and hands its end on unchanged. */
  flown<Result>(flight: Flight, fly: () => Promise<Result>): Promise<Result>;
  /** PostgreSQL answered for a record, or for a page of a list; a record that is there has a version. */
  loaded(cause: LoadCause, version?: number): void;
  /** A value of that size was put into an entry. */
  stored(namespace: string, bytes: number): void;
  /** A committed write was done with one of its entries, which got this version; a list's has none. */
  written(namespace: string, outcome: EntryOutcome, version?: number): void;
  /** So long after its COMMIT the entry held what was written. */
  visible(namespace: string, sinceCommitMs: number): void;
  /** A write was refused because the store could not be used; nothing of it was committed. */
  rejected(): void;
  /** A pending entry was settled by another than its writer. */
  resolved(by: 'read' | 'sweep'): void;
}
