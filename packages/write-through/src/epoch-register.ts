import type { Epoch, EpochRow } from './epoch.ts';

/** The epoch row of PostgreSQL and the lock around it. Methods throw when PostgreSQL cannot be reached. */
export interface EpochRegister {
  /**
   * The row; `draining` too when it was written by another PostgreSQL than the one that answers. Calls `onAsk` just
   * before it is asked for, which may be long after the call while a connection is made.
   */
  read(onAsk?: () => void): Promise<EpochReading>;

  /** Stops writers from beginning under that epoch, unless it is over already. */
  drain(epoch: Epoch): Promise<void>;

  /** Lets reads and writes go on without the store, if the row is still `draining` under that number. */
  bypass(number: number): Promise<void>;

  /**
   * Begins a new epoch if the row is not active and still under that number: takes the epoch's lock
   * exclusively, which waits so long for the writers, has `install` mark the store, and commits.
   */
  activate(number: number, lockWaitMs: number, install: () => Promise<Epoch>): Promise<void>;

  /** Says that this process cannot use the epoch's store, and asks who can. */
  doubt(epoch: Epoch): Promise<Doubt | undefined>;

  /** Answers a doubt: this process has just used the epoch's store. */
  vouch(epoch: Epoch): Promise<void>;
}

export interface EpochReading {
  readonly row: EpochRow;
  /** The last doubt raised against the active epoch, if any was. */
  readonly doubt: Doubt | undefined;
}

/** One process's word that it cannot use the epoch's store, and the last word against it. */
export interface Doubt {
  /** Both in milliseconds of PostgreSQL's clock. */
  readonly raisedAtMs: number;
  readonly vouchedAtMs: number | undefined;
}
