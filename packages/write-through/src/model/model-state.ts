/** The state of the whole system: one record in a database, its entry in a cache, writers and readers. */
export interface ModelState {
  /** The committed version. */
  readonly committed: number;
  /** Which writer holds the row lock; -1 for none. */
  readonly rowLock: number;
  readonly writers: readonly WriterState[];
  readonly readers: readonly ReaderState[];
  /** How many reads the readers may still begin, together. */
  readonly readsLeft: number;
  /** The instance of Redis that a new connection reaches. */
  readonly primary: Instance;
  /** What a replica holds. */
  readonly replica: Instance;
  /** After a failover: the primary before, which still answers whoever is connected to it. */
  readonly oldPrimary: Instance | null;
  /** Sent and not yet executed; may be executed at any time, or never. */
  readonly messages: readonly Message[];
  /** The highest version that a write was acknowledged with or a read returned. */
  readonly floor: number;
  /** The version of a write from outside that nobody has drained; 0 for none. */
  readonly undrained: number;
  readonly faultsLeft: FaultsLeft;
  readonly epoch: EpochRow;
}

/** The epoch row of PostgreSQL. */
export interface EpochRow {
  readonly number: number;
  readonly state: 'active' | 'draining' | 'bypass';
  /** The oldest epoch on which some process may still hold a trust lease. */
  readonly oldestTrusted: number;
  /** Whether somebody holds the lock exclusively and has written the marks of the next epoch. */
  readonly isLocked: boolean;
  /** The first epoch whose home is the present primary. */
  readonly firstHere: number;
}

/** One instance of Redis: what it holds under the record's key, and the epoch of its mark; -1 for none. */
export interface Instance {
  readonly entry: ModelEntry;
  readonly mark: number;
}

export interface WriterState {
  readonly at:
    'idle' | 'begun' | 'waiting' | 'locked' | 'ready' | 'committed' | 'acknowledged' | 'dead';
  readonly version: number;
  readonly transaction: 'none' | 'open' | 'committed' | 'aborted';
  /** Under which epoch it began; -1 in bypass. */
  readonly epoch: number;
  /** The attempt that was acknowledged. */
  readonly attempt: number;
}

export interface ReaderState {
  readonly at: 'idle' | 'get' | 'check' | 'status' | 'select' | 'fill' | 'aboard';
  /** The floor when this read began: returning less is a violation. */
  readonly floor: number;
  readonly token: number;
  readonly value: number;
  /** The pending entry that was seen. */
  readonly seen: PendingSeen | null;
  /** The attempts in it that had ended when their statuses were asked. */
  readonly ended: readonly number[];
  /** Whether what is read may be stored. */
  readonly mayFill: boolean;
  /** The epoch that the read began in; -1 for a read past the cache. */
  readonly epoch: number;
  /** Whose load it shares; -1 for none. */
  readonly leader: number;
}

export interface PendingSeen {
  readonly attempts: readonly number[];
  readonly nonce: number;
}

export type ModelEntry =
  | { readonly is: 'absent' }
  | { readonly is: 'value'; readonly version: number }
  | { readonly is: 'lease'; readonly token: number }
  | {
      readonly is: 'pending';
      /** Ascending. */
      readonly attempts: readonly number[];
      /** The version that remains when the last attempt leaves; 0 for none. */
      readonly best: number;
      /** The attempt whose INTEND came last. */
      readonly nonce: number;
    };

/** What may still arrive at the cache, each with the epoch it was sent in. */
export type Message =
  | { readonly do: 'set'; readonly version: number; readonly epoch: number }
  | {
      readonly do: 'fill';
      readonly token: number;
      readonly version: number;
      readonly epoch: number;
    }
  | {
      readonly do: 'resolve';
      readonly nonce: number;
      /** Those that were seen, which a comparison by content asks for. */
      readonly seen: readonly number[];
      /** Those to be taken out; what was read replaces the entry where that is all that were seen. */
      readonly ended: readonly number[];
      /** 0 for nothing, as the sweeper sends it. */
      readonly version: number;
      readonly epoch: number;
    }
  | { readonly do: 'intend'; readonly attempt: number; readonly epoch: number }
  | {
      /** Without a version, 0, it abandons. */
      readonly do: 'publish';
      readonly attempt: number;
      readonly version: number;
      /** Tells a second send of the same publication from the first. */
      readonly send: 1 | 2;
      readonly epoch: number;
    };

export interface FaultsLeft {
  readonly evictions: number;
  readonly flushes: number;
  readonly failovers: number;
  /** Lives of pending entries that end. */
  readonly expiries: number;
  /** Processes that die. */
  readonly crashes: number;
  /** Epochs that are drained though nothing is wrong with them, as after a write that could not place its intent. */
  readonly surrenders: number;
  /** Pending entries that the sweeper looks at. */
  readonly sweeps: number;
}

export const absent: ModelEntry = { is: 'absent' };

/** Every send of an INTEND is an attempt of its own; a writer sends it once or twice. */
export function attemptOf(writer: number, send: 0 | 1): number {
  return writer * 2 + send;
}

export function writerOf(attempt: number): number {
  return attempt >> 1;
}

export function replaceAt<Item>(items: readonly Item[], index: number, item: Item): Item[] {
  return items.map((existing, at) => (at === index ? item : existing));
}

/** The instance that holds the entries of an epoch: nobody looks for them elsewhere, who compares identities. */
export function homeOf(state: ModelState, epoch: number): 'primary' | 'oldPrimary' {
  return epoch < state.epoch.firstHere ? 'oldPrimary' : 'primary';
}
