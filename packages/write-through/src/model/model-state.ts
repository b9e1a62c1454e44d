/** The state of the whole system: one register in a database, one entry in a cache, writers and readers. */
export interface ModelState {
  /** The committed version. */
  readonly committed: number;
  /** Which writer holds the row lock; -1 for none. */
  readonly rowLock: number;
  readonly transactions: readonly TransactionState[];
  readonly writers: readonly WriterState[];
  readonly readers: readonly ReaderState[];
  readonly entry: ModelEntry;
  /** What a replica of the cache holds. */
  readonly replica: ModelEntry;
  /** After a failover: what the old primary still holds. */
  readonly oldPrimary: ModelEntry | null;
  /** Sent and not yet executed; may be executed at any time, or never. */
  readonly messages: readonly Message[];
  /** The highest version that a write was acknowledged with or a read returned. */
  readonly floor: number;
  readonly faultsLeft: FaultsLeft;
  readonly epoch: number;
  readonly epochState: 'active' | 'draining' | 'bypass';
  /** Whether the epoch's mark stands in the cache. */
  readonly isMarked: boolean;
  /** Whether every reader's lease on the epoch has ended since it began to drain. */
  readonly isDrained: boolean;
}

export type TransactionState = 'none' | 'open' | 'committed' | 'aborted';

export interface WriterState {
  readonly at:
    'idle' | 'begun' | 'waiting' | 'locked' | 'ready' | 'committed' | 'acknowledged' | 'dead';
  readonly version: number;
}

export interface ReaderState {
  readonly at: 'idle' | 'get' | 'check' | 'status' | 'select' | 'fill';
  /** The floor when this read began: returning less is a violation. */
  readonly floor: number;
  readonly token: string;
  readonly value: number;
  /** The pending entry that was seen. */
  readonly seen: PendingSeen | null;
  /** Whether what is read may be stored. */
  readonly mayFill: boolean;
  /** Whether every writer seen had ended when it was asked. */
  readonly isResolved: boolean;
  readonly readsLeft: number;
  /** The epoch that the read began in; -1 for a read past the cache. */
  readonly epoch: number;
}

export interface PendingSeen {
  readonly writers: readonly number[];
  readonly nonce: number;
}

export type ModelEntry =
  | { readonly is: 'absent' }
  | { readonly is: 'value'; readonly version: number }
  | { readonly is: 'lease'; readonly token: string }
  | {
      readonly is: 'pending';
      readonly writers: readonly number[];
      /** The version that remains when the last writer leaves; 0 for none. */
      readonly best: number;
      readonly nonce: number;
    };

/** What may still arrive at the cache, each with the epoch it was sent in. */
export type Message =
  | { readonly do: 'set'; readonly version: number; readonly epoch: number }
  | {
      readonly do: 'fill';
      readonly token: string;
      readonly version: number;
      readonly epoch: number;
    }
  | {
      readonly do: 'resolve';
      readonly seen: PendingSeen;
      readonly version: number;
      readonly epoch: number;
    }
  | { readonly do: 'intend'; readonly writer: number; readonly epoch: number }
  | {
      readonly do: 'publish';
      readonly writer: number;
      readonly version: number;
      /** Tells a second send of the same publication from the first. */
      readonly send: 1 | 2;
      readonly epoch: number;
    }
  | { readonly do: 'abandon'; readonly writer: number; readonly epoch: number };

export interface FaultsLeft {
  readonly evictions: number;
  readonly flushes: number;
  readonly failovers: number;
  readonly expiries: number;
  readonly crashes: number;
}

/** One step of the system, and where it leads; `violation` ends a path. */
export interface Step {
  readonly label: string;
  readonly state: ModelState | 'violation';
}

export const absent: ModelEntry = { is: 'absent' };

export function replaceAt<Item>(items: readonly Item[], index: number, item: Item): Item[] {
  return items.map((existing, at) => (at === index ? item : existing));
}

/** A set of messages: sending one that is on its way already changes nothing. */
export function send(state: ModelState, ...messages: readonly Message[]): readonly Message[] {
  const byText = new Map(state.messages.map((message) => [JSON.stringify(message), message]));
  for (const message of messages) byText.set(JSON.stringify(message), message);
  return [...byText].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, sent]) => sent);
}
