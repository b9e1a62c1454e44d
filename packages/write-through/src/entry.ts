/**
 * The states of one entry: what a cache key can hold. They exclude each other; every change from one to
 * another is one atomic step of an {@link EntryStore}.
 *
 * - `value`: the latest committed version; it has a life and may be evicted.
 * - `none`: known not to exist; has a life too. `version` is that of the deletion, 0 when it was only not found.
 * - `pending`: the named writes may commit at any moment, so nobody is answered from this entry. It has no
 *   life and is never evicted.
 * - `lease`: one reader is fetching the record and may fill the entry, if nothing else touched it meanwhile.
 * - `unreadable`: written by a release whose frame this one does not know; treated as pending by nobody and
 *   answered from PostgreSQL.
 */
export type Entry =
  | { readonly state: 'absent' }
  | ValueEntry
  | NoneEntry
  | PendingEntry
  | { readonly state: 'lease'; readonly token: Token }
  | { readonly state: 'unreadable' };

/** 64 random bits in hexadecimal, drawn anew for each lease, attempt and nonce. */
export type Token = string;

/** How long an entry lives: its span, and the wall-clock time at which that span ends. */
export interface Life {
  readonly lifeMs: number;
  readonly expiresAtMs: number;
}

export interface ValueEntry extends Life {
  readonly state: 'value';
  /** The release-independent number of the payload's format. */
  readonly schema: number;
  readonly version: number;
  readonly payload: Buffer;
}

export interface NoneEntry extends Life {
  readonly state: 'none';
  readonly version: number;
}

/** What can be published or filled: a final answer with a life. */
export type FinalEntry = ValueEntry | NoneEntry;

export interface PendingEntry {
  readonly state: 'pending';
  /** Drawn anew by every INTEND: what a reader saw is still so if the nonce is. */
  readonly nonce: Token;
  readonly attempts: readonly Attempt[];
  /** The highest version published meanwhile; it remains when the last attempt is gone. */
  readonly bestVersion?: number | undefined;
}

/**
 * One send of an INTEND. A transaction that has to repeat its INTEND does so under a new token, so that a
 * late duplicate can never be taken for the one that was acknowledged.
 */
export interface Attempt {
  /** PostgreSQL's 64-bit transaction id. */
  readonly xid: bigint;
  readonly token: Token;
}
