import { requestLimits } from '@throughline/api';

/** Every bound of the process itself, each with its reason. */
export const limits = {
  /** What the contract promises for one request. */
  ...requestLimits,
  /** Well above the longest URL, so that one just beyond is answered in words and not cut off. */
  headerBytesMax: 65_536,
  /** Requests in flight: more than may wait for PostgreSQL, so that those keep nobody out who is answered from the cache. */
  requestsMax: 4_000,
  /** While the event loop has no time left: more than the stores need to be kept busy, be requests ever so dear. */
  requestsMaxWhenBusy: 300,
  /** At each look at a loop that has time again: all of them within two seconds or so. */
  requestsRegained: 50,
  /** What is let in while the loop is busy is answered in about so long: half a second is what a person notices. */
  admittedWaitMs: 250,
  /** A loop that is idle for less of the time between two looks is one that requests wait for. */
  busyShare: 0.9,
  /** Two looks in a row notice a burst before a tenth of a second is over, and cost nothing. */
  busyCheckMs: 25,
  /** For a client that was refused for load to come again: by then the event loop is on time. */
  overloadPauseSeconds: 1,
  /** One line for all that was refused meanwhile. */
  refusalLogMs: 1_000,
  /** As many requests may come at once as a rate allows in so long. */
  burstSeconds: 10,
  /** A client that takes longer to send one request holds a connection for nothing. */
  requestMs: 30_000,
  /** The head of a request fits into a few packets, so this is a client that lets others wait. */
  headMs: 10_000,
  /** So much later at most is a client cut that takes too long. */
  requestCheckMs: 5_000,
  /** For a client to take something of the answer that waits for it: what waits is memory. */
  unreadMs: 30_000,
  /** A process has half a gigabyte and more beside what it needs. */
  unreadBytesMax: 268_435_456,
  /** Of pages, which anybody may ask for: some hundred of the largest file, as it is. A browser's are compressed, and mostly with the kernel at once. */
  unreadPageBytesMax: 67_108_864,
  /** Products in answers that are being made: twice what the largest request may ask for, some 40 MB of answers. */
  productsMax: 40_000,
  /** Connections of a process: more than pools of clients open, fewer than there are descriptors. Each idle one takes some 10 KB. */
  connectionsMax: 10_000,
  /** Longer than the idle time of common load balancers, which must be the first to hang up. */
  keepAliveMs: 75_000,
  /** For a handshake of TLS: no longer than requests in flight have when the process stops, as nothing else ends one. */
  handshakeMs: 5_000,
  /** From SIGTERM to the end of the port, unless configured: whoever looks every two seconds has seen twice that it is not ready. */
  noticeMs: 5_000,
  /** For requests in flight once the port is closed: with the notice and the stores, below the 20 s that a supervisor should wait. */
  drainMs: 8_000,
  /** Connections that wait for a worker: as many as Linux lets wait at a port. */
  waitingMax: 4_096,
  /** For a worker to be there: as long as a client may take for one request. Whoever waits longer is better told. */
  waitingMs: 30_000,
  /** For clients of a worker that is replaced to use each of their connections once more, and to be told to hang up. */
  retireMs: 5_000,
  /** First and longest wait before a worker that died is replaced; doubled while they go on dying. */
  replaceMinMs: 100,
  replaceMaxMs: 10_000,
  /** A worker that was ready for so long has not died of its start. */
  steadyMs: 10_000,
  /** So many workers in a row that end before one is ready: the next would too. */
  startsMax: 5,
  /** For a worker of a rolling restart to become ready: longer than a warm-up and a migration. */
  startMs: 60_000,
  /** From SIGTERM to SIGKILL of a worker: longer than the requests in flight and the stores may take to end. */
  workerStopMs: 14_000,
  /** For a worker to say what it counted: well within the time that Prometheus waits for a scrape. */
  workerAnswerMs: 2_000,
  /** A worker that is silent so often, asked in such a rhythm, serves nobody: 12 s, which no pause of a healthy one takes. */
  heartbeatMs: 2_000,
  silencesMax: 3,
  /** For what a worker said last to be read once its process is gone: it lies in the channel already. */
  lastWordsMs: 1_000,
  /** npm and the terminal, or a supervisor and its group, tell the same stop twice within milliseconds. */
  sameSignalMs: 1_000,
  /** A database that takes longer to answer a ping is of no use to requests. */
  pingMs: 1_000,
  /** The keys of tokens, where they come from an issuer. */
  keySet: {
    /** They come while a request waits. */
    fetchMs: 3_000,
    /** An issuer publishes a key well before it signs with it, and withdraws one in an emergency. */
    freshMs: 300_000,
    /** Anyone can name a key that does not exist. A new key that was not published beforehand is refused for so long at most. */
    pauseMs: 10_000,
    /** While no key is known every request waits for one. */
    firstPauseMs: 1_000,
    /** Longer than an endpoint takes that is well, short enough for a request to wait for one that is not. */
    patienceMs: 500,
    /** Hundreds of keys. */
    bytesMax: 262_144,
  },
  /** Clocks of the issuer and of this machine differ by less: a token counts from so long before `nbf` to so long after `exp`. */
  clockToleranceSeconds: 5,
  /** Verifying a signature costs a tenth of a write. Beyond the age of the keys, a withdrawn one is believed for so long at most. */
  verifiedMs: 60_000,
  /** Tokens in use at once, each of about a kilobyte. */
  verifiedMax: 10_000,
} as const;
