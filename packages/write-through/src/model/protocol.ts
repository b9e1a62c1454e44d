import type { FaultsLeft } from './model-state.ts';

/** A protocol between writers, readers and the cache for one record, ours or a broken one. */
export interface Protocol {
  /**
   * `set`: SET inside the transaction, then COMMIT. `delete`: DEL after COMMIT, blind fills. `lease`: the same
   * with leases for fills. `intend`: ours.
   */
  readonly writes: 'set' | 'delete' | 'lease' | 'intend';
  readonly faults?: Partial<FaultsLeft>;
  /**
   * Whether steps are joined that cannot be told apart by a protocol that holds. A write counts as known from its
   * COMMIT on, so that its acknowledgement is no step of its own: that promises more. Who has committed has sent
   * PUBLISH, who has rolled back has sent ABANDON: messages may be lost, so that crashes are among these. The row is
   * updated at COMMIT: in between, only other writers wait. A read returns at its SELECT, and where it need not know
   * the epoch, begins at its GET: both promise more.
   */
  readonly isCoarse?: boolean;
  /** Whether the entry holds a value at first. */
  readonly startsWarm?: boolean;

  /** INTEND comes before the row lock, so that pending entries name several attempts. */
  readonly intendsBeforeLock?: boolean;
  /** INTEND replaces a value, instead of keeping it until the last attempt leaves. */
  readonly forgetsValue?: boolean;
  /** INTEND and PUBLISH are sent again when no answer came: each INTEND with a token of its own, or with one for all. */
  readonly retries?: 'own tokens' | 'one token';
  /** A reader that finds only some of the attempts ended takes these out. */
  readonly resolvesPart?: boolean;
  /** Which reads a read may share the load of, within one process: those that have not yet sent so much. */
  readonly boardsUntil?: 'LEASE' | 'SELECT' | 'landing';
  /** One writer is the drain of writes from outside, which change the row and nothing else. */
  readonly outside?: OutsideDrain;

  /** Epochs: keys that carry the epoch, marks that each step compares, and an exclusive lock between epochs. */
  readonly hasEpochs?: boolean;
  /** A read takes entry and mark in one step. */
  readonly readsMark?: boolean;
  /** When a reader asks whether its trust lease holds; after the reply if not said. */
  readonly asksTrust?: 'after the reply' | 'before the reply' | 'never';
  /** Whether the epoch can be left for PostgreSQL alone. */
  readonly hasBypass?: boolean;

  /** Lease tokens belong to a client, not to a request. */
  readonly reusesTokens?: boolean;
  /** A pending entry names one attempt only. */
  readonly hasOneSlot?: boolean;
  /** RESOLVE compares the attempts, not the nonce. */
  readonly comparesContent?: boolean;
  /** The row is read before the transaction status. */
  readonly readsRowFirst?: boolean;
  readonly evictsPending?: boolean;
  /** INTEND does not compare the mark. */
  readonly ignoresMark?: boolean;
  /** Whoever is connected to the new primary goes on with the old epoch there. */
  readonly ignoresIdentity?: boolean;
  /** The new epoch does not wait for writers. */
  readonly reopensEarly?: boolean;
  /** What follows `draining` does not wait for the trust leases. */
  readonly drainsAtOnce?: boolean;
  /** Bypass is left for the epoch that was before it. */
  readonly keepsEpoch?: boolean;
  /** Reads past the cache store what they read, under whatever epoch their message meets. */
  readonly fillsInBypass?: boolean;
}

export interface OutsideDrain {
  /** The attempt leaves without the row that was read under it. */
  readonly discards?: boolean;
  /** The row is read before INTEND. */
  readonly readsRowFirst?: boolean;
  /** An entry that is only leased is left alone, like one that is absent. */
  readonly skipsLeases?: boolean;
}

/** How much of a protocol is explored. */
export interface Bounds {
  readonly writers: number;
  readonly readers: number;
  /** How many reads they make together. */
  readonly reads: number;
}

export const standardBounds: Bounds = { writers: 2, readers: 2, reads: 3 };
