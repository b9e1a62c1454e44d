import type { Attempt, Entry, FinalEntry, Token } from './entry.ts';
import type { Epoch } from './epoch.ts';

/** The store is not, or no longer, the one of the epoch in question: nothing it said counts. */
export interface Untrusted {
  readonly state: 'untrusted';
  /** `identity`: another instance answers, or none was checked yet. `mark`: the epoch's mark is gone. */
  readonly reason: 'identity' | 'mark';
}

/** By key; whoever is not there is absent. */
export type Entries = ReadonlyMap<string, Entry>;

/** Whether a change took place, or the entry had moved on. */
export interface Applied {
  readonly state: 'applied' | 'superseded';
}

/**
 * Where entries live. Every method is one atomic step at the store, checks the epoch's mark in that same
 * step, and answers {@link Untrusted} when the mark or the connection is not that of the epoch. A method
 * that cannot reach the store or is not answered in time throws: an outage is never a miss.
 */
export interface EntryStore extends AsyncDisposable {
  /**
   * Names the instance that answers now (run id, replication id, role), or all of them where there are several;
   * undefined while one was not checked.
   */
  readonly identity: string | undefined;

  /** Whether an instance answers that must not be used, and so may have lost entries that have no life. */
  readonly isUnfit: boolean;

  /** Called whenever `identity` or `isUnfit` may have changed. */
  onIdentityChange(listener: () => void): void;

  /**
   * The entries of the keys, and maybe those of others who asked meanwhile; each as of a moment during the call, and beside
   * its mark.
   */
  get(epoch: Epoch, keys: readonly string[]): Promise<Entries | Untrusted>;

  /** Takes the lease if the entry is absent; the entry as it stands afterwards. */
  lease(epoch: Epoch, key: string, lease: Lease): Promise<Entry | Untrusted>;

  /** Replaces that very lease. */
  fill(epoch: Epoch, key: string, fill: Fill): Promise<Applied | Untrusted>;

  /**
   * Takes the lease of every entry that is absent, each as `lease` does; what became of them, in that order. Those of one
   * bucket are one step, and of several are not: some may have been taken where it throws or is untrusted.
   */
  leaseMany(epoch: Epoch, leases: readonly KeyedLease[]): Promise<LeaseOutcome[] | Untrusted>;

  /** Replaces each of those very leases, as `fill` does; what became of them, in that order. As for `leaseMany`. */
  fillMany(epoch: Epoch, fills: readonly KeyedFill[]): Promise<Applied[] | Untrusted>;

  /** Adds the attempt to the pending entry, replacing whatever else stood there. */
  intend(epoch: Epoch, key: string, intent: Intent): Promise<Applied | Untrusted>;

  /**
   * Takes the attempt out of the pending entry and offers its outcome: the highest version offered
   * remains when the last attempt is gone, and nothing where none was offered. A publication of a list offers none.
   */
  publish(epoch: Epoch, key: string, publication: Publication): Promise<Applied | Untrusted>;

  /** Takes the attempt of a write that did not commit out of the pending entry. */
  abandon(epoch: Epoch, key: string, attempt: Attempt): Promise<Applied | Untrusted>;

  /** Settles a pending entry whose nonce is still the one seen, in whole or in part. */
  resolve(epoch: Epoch, key: string, resolution: Resolution): Promise<Applied | Untrusted>;

  /** Gives an entry of that state and version its span of life again; never touches another. */
  extend(epoch: Epoch, key: string, entry: FinalEntry): Promise<Applied | Untrusted>;

  /**
   * Counts the pending entries, forgets those of other epochs, and names those of this one whose last INTEND is
   * at least that old.
   */
  sweep(epoch: Epoch, ageMs: number): Promise<Swept | Untrusted>;

  /**
   * Marks this instance as that of a new epoch, numbered above `number` and above every mark found here.
   * From the first mark on, nothing of an older epoch is trusted. Throws if a higher mark appears meanwhile.
   */
  install(number: number, id: string): Promise<Epoch>;
}

export interface Lease {
  readonly token: Token;
  readonly lifeMs: number;
}

export interface Fill {
  readonly token: Token;
  readonly entry: FinalEntry;
}

/** One of several leases. */
export interface KeyedLease extends Lease {
  readonly key: string;
}

/** One of several fills. */
export interface KeyedFill extends Fill {
  readonly key: string;
}

/** Whether the lease was taken, or what is there: of a value, no more than its schema. `taken`: neither absent nor final. */
export type LeaseOutcome =
  | { readonly state: 'leased' | 'none' | 'taken' }
  | { readonly state: 'value'; readonly schema: number };

export interface Intent {
  readonly attempt: Attempt;
  readonly nonce: Token;
}

export interface Publication {
  readonly attempt: Attempt;
  readonly entry?: FinalEntry | undefined;
}

export interface Swept {
  readonly state: 'swept';
  /** How many entries are pending. */
  readonly pending: number;
  /** Time since the last INTEND of the one that waits longest, by the store's clock; undefined without one. */
  readonly oldestMs: number | undefined;
  /** Keys of those that have been for long; not all of them if there are many. */
  readonly overdue: readonly string[];
}

/**
 * `whole`: every attempt seen was final before the record was read, so it replaces the entry. Without a record
 * the entry becomes absent, and the next reader fetches it.
 * `part`: only the named ones were; they leave, and the record read afterwards counts as published.
 */
export type Resolution =
  | {
      readonly type: 'whole';
      readonly nonce: Token;
      readonly entry?: FinalEntry | undefined;
    }
  | {
      readonly type: 'part';
      readonly nonce: Token;
      readonly attempts: readonly Attempt[];
      readonly entry?: FinalEntry | undefined;
    };
