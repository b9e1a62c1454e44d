import { requestLimits } from '@throughline/api';

/** Every bound of the process itself, each with its reason. */
export const limits = {
  /** What the contract promises for one request. */
  ...requestLimits,
  /** Well above the longest URL, so that one just beyond is answered in words and not cut off. */
  headerBytesMax: 65_536,
  /** A client that takes longer to send one request holds a connection for nothing. */
  requestMs: 30_000,
  /** Longer than the idle time of common load balancers, which must be the first to hang up. */
  keepAliveMs: 75_000,
  /** For requests in flight when the process stops: below the 10 s after which Docker kills it. */
  drainMs: 8_000,
  /** npm and the terminal, or a supervisor and its group, tell the same stop twice within milliseconds. */
  sameSignalMs: 1_000,
  /** A database that takes longer to answer a ping is of no use to requests. */
  pingMs: 1_000,
  /** The keys of tokens come while a request waits. */
  keySetMs: 3_000,
  /** Verifying a signature costs a tenth of a write. A key that is withdrawn is believed for so long at most. */
  verifiedMs: 60_000,
  /** Tokens in use at once, each of about a kilobyte. */
  verifiedMax: 10_000,
} as const;
