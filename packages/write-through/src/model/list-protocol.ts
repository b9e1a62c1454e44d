/** A protocol for the pages of one list, ours or a broken one. */
export interface ListProtocol {
  /** Values that are evicted: the list's, or those of its pages. */
  readonly evictions?: number;
  /** How many reads the readers begin, together. */
  readonly reads: number;
  /** A move changes the row without naming the list. */
  readonly intendsNothing?: boolean;
  /** The list version is counted in Redis, and starts again when the count is lost. */
  readonly countsVersions?: boolean;
  /** A page is stored under the list version that is found after it was read. */
  readonly readsVersionLast?: boolean;
  /** A process looks for pages under the list version that it saw last. */
  readonly remembersVersion?: boolean;
  /**
   * A process looks for the page under the list version that it saw last, and returns it if the list has that
   * version still: asked for afterwards, as they lie on two nodes.
   */
  readonly guessesVersion?: boolean;
}

export interface ListState {
  /**
   * Two products, of which each is moved once, into the list or out of it: which of the moves are committed, as
   * bits. The membership is told by them, so a page holds the moves that it shows.
   */
  readonly committed: number;
  readonly writers: readonly ListWriter[];
  readonly readers: readonly ListReader[];
  readonly readsLeft: number;
  readonly entry: ListEntry;
  /** What stands under each list version. */
  readonly pages: ReadonlyMap<number, PageEntry>;
  readonly messages: readonly ListMessage[];
  readonly evictionsLeft: number;
  /** The last list version drawn, where they are counted. */
  readonly count: number;
  /** The list version that the process saw last; 0 for none. */
  readonly remembered: number;
}

export type ListWriter = 'idle' | 'intended' | 'committed' | 'aborted';

export interface ListReader {
  readonly at: 'idle' | 'guess' | 'page' | 'select' | 'version';
  /** The moves committed when the read began: a page without one of them is of a moment before. */
  readonly floor: number;
  readonly version: number;
  /** Of the lease on the page; 0 for none. */
  readonly token: number;
  readonly moves: number;
}

export type ListEntry =
  | { readonly is: 'absent' }
  | { readonly is: 'value'; readonly version: number }
  | { readonly is: 'lease'; readonly token: number }
  | { readonly is: 'pending'; readonly writers: readonly number[]; readonly nonce: number };

export type PageEntry =
  | { readonly is: 'lease'; readonly token: number }
  | { readonly is: 'value'; readonly moves: number };

export type ListMessage =
  | { readonly do: 'fill'; readonly token: number; readonly version: number }
  | {
      readonly do: 'resolve';
      readonly nonce: number;
      readonly ended: readonly number[];
      /** The list version in place of all; 0 where some are to stay. */
      readonly version: number;
    }
  | { readonly do: 'intend'; readonly writer: number }
  | { readonly do: 'publish'; readonly writer: number }
  | {
      readonly do: 'fill page';
      readonly version: number;
      /** 0 for a SET that compares nothing. */
      readonly token: number;
      readonly moves: number;
    };

export const idleListReader: ListReader = { at: 'idle', floor: 0, version: 0, token: 0, moves: 0 };
