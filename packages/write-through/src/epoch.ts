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
 * The row in PostgreSQL that says which epoch holds.
 *
 * - `active`: entries are used under this epoch.
 * - `draining`: it ends. No writer begins, and what comes next waits until no process can believe in it.
 * - `bypass`: PostgreSQL alone. Reads and writes go on, and no entry is used, filled or changed.
 */
export type EpochRow =
  | { readonly state: 'active'; readonly epoch: Epoch }
  | { readonly state: 'draining' | 'bypass'; readonly number: number };

/** Number of the epoch that the row tells of, or of the last one; 0 before the first. */
export function epochNumber(row: EpochRow): number {
  return row.state === 'active' ? row.epoch.number : row.number;
}

export function isSameEpoch(one: Epoch, other: Epoch | undefined): boolean {
  return one.number === other?.number && one.id === other.id;
}
