import type { Epoch, EpochRow } from './epoch.ts';

/** The epoch row of PostgreSQL and the lock around it. Methods throw when PostgreSQL cannot be reached. */
export interface EpochRegister {
  /** The row; `draining` too when it was written by another PostgreSQL than the one that answers. */
  read(): Promise<EpochRow>;

  /** Stops writers from beginning under that epoch, unless it is over already. */
  drain(epoch: Epoch): Promise<void>;

  /**
   * Begins a new epoch if the row is `draining`: takes the epoch's lock exclusively, which waits for every
   * writer, has `install` mark the store, and commits. The row as it stands afterwards.
   */
  activate(install: (number: number) => Promise<Epoch>): Promise<EpochRow>;
}
