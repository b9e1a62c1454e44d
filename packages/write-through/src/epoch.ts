/**
 * One span of time during which everything that a Redis instance holds can be trusted. A new epoch begins
 * whenever Redis may have lost or resurrected data; keys and marks of an older one are never read again.
 */
export interface Epoch {
  /** Grows with every epoch. */
  readonly number: number;
  /** Random, drawn for each attempt to begin an epoch, so that two attempts at one number never mix. */
  readonly id: string;
  /** The Redis instance that this epoch's entries live in, see {@link EntryStore.identity}. */
  readonly storeIdentity: string;
}

/** What stands in an epoch's marks, and in its keys. */
export function epochMark(epoch: Pick<Epoch, 'number' | 'id'>): string {
  return `${epoch.number}.${epoch.id}`;
}

/**
 * The row in PostgreSQL that says which epoch holds. While it is `draining`, no writer begins and the next
 * epoch waits for those that run.
 */
export type EpochRow =
  | { readonly state: 'active'; readonly epoch: Epoch }
  | { readonly state: 'draining'; readonly number: number };
