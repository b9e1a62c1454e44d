import type { FaultsLeft } from './model-state.ts';

/** A protocol between writers, readers and the cache, ours or a broken one. */
export interface Protocol {
  /**
   * `set`: SET inside the transaction, then COMMIT. `delete`: DEL after COMMIT, blind fills. `lease`: the same
   * with leases for fills. `intend`: ours.
   */
  readonly writes: 'set' | 'delete' | 'lease' | 'intend';
  readonly faults?: Partial<FaultsLeft>;
  /** Whether the entry holds a value at first. */
  readonly startsWarm?: boolean;
  /** Lease tokens belong to a client, not to a request. */
  readonly reusesTokens?: boolean;
  /** A pending entry names one writer only. */
  readonly hasOneSlot?: boolean;
  /** RESOLVE compares the set of writers, not the nonce. */
  readonly comparesContent?: boolean;
  /** The row is read before the transaction status. */
  readonly readsRowFirst?: boolean;
  readonly evictsPending?: boolean;
  /** Epochs with marks, leases of readers on the epoch, and an exclusive lock between epochs. */
  readonly hasEpochs?: boolean;
  /**
   * A read takes entry and mark in one step, so that readers need no lease on the epoch, and there is no
   * bypass: while no epoch is active, nothing is written.
   */
  readonly readsMark?: boolean;
  /** INTEND does not check the mark. */
  readonly ignoresMark?: boolean;
  /** INTEND is sent before the row is locked, so that intents overlap. */
  readonly intendsBeforeLock?: boolean;
  /** The new epoch does not wait for writers. */
  readonly reopensEarly?: boolean;
  /** INTEND and PUBLISH are sent again under one token. */
  readonly retriesUnderOneToken?: boolean;
  /** A pending entry forgets the value that it replaced. */
  readonly forgetsValue?: boolean;
}

export interface NamedProtocol {
  readonly name: string;
  readonly protocol: Protocol;
  readonly expected: 'violated' | 'holds';
  /** Takes more than a few seconds to explore. */
  readonly isLarge?: boolean;
}

const quiet = { crashes: 0 };

/** Ours, and every broken one that it was compared with. */
export const protocols: readonly NamedProtocol[] = [
  broken('SET inside the transaction, then COMMIT', { writes: 'set', faults: { evictions: 1 } }),
  broken('DEL after COMMIT, blind fill, cold', {
    writes: 'delete',
    faults: quiet,
    startsWarm: false,
  }),
  broken('DEL after COMMIT, blind fill, warm', { writes: 'delete', faults: quiet }),
  broken('leases with DEL after COMMIT, no crash', { writes: 'lease', faults: quiet }),
  broken('lease token per client', {
    writes: 'lease',
    faults: quiet,
    reusesTokens: true,
    startsWarm: false,
  }),
  broken('pending entries with a life', { writes: 'intend', faults: { expiries: 1 } }),
  broken('pending entry with one slot', {
    writes: 'intend',
    faults: { evictions: 1 },
    hasOneSlot: true,
  }),
  broken('RESOLVE compares content', {
    writes: 'intend',
    faults: { evictions: 1 },
    comparesContent: true,
  }),
  broken('row read before the status', { writes: 'intend', readsRowFirst: true }),
  broken('pending entries evictable', {
    writes: 'intend',
    faults: { evictions: 1 },
    evictsPending: true,
  }),
  broken('no epoch, Redis flushed', { writes: 'intend', faults: { flushes: 1 } }),
  broken('no epoch, failover to a lagging replica', { writes: 'intend', faults: { failovers: 1 } }),
  brokenLate('epoch, but INTEND ignores the mark', {
    writes: 'intend',
    faults: { flushes: 1 },
    hasEpochs: true,
    ignoresMark: true,
  }),
  brokenLate('bypass left without the exclusive lock', {
    writes: 'intend',
    faults: { flushes: 1, crashes: 0 },
    hasEpochs: true,
    intendsBeforeLock: true,
    reopensEarly: true,
  }),
  brokenLate('INTEND and PUBLISH retried under one token, value forgotten', {
    writes: 'intend',
    faults: quiet,
    intendsBeforeLock: true,
    retriesUnderOneToken: true,
    forgetsValue: true,
  }),
  brokenLate('INTEND and PUBLISH retried under one token, value kept', {
    writes: 'intend',
    faults: { evictions: 1, crashes: 0 },
    intendsBeforeLock: true,
    retriesUnderOneToken: true,
  }),
  brokenLate('marks in reads, but a new epoch does not wait for writers', {
    writes: 'intend',
    faults: { flushes: 1, crashes: 0 },
    hasEpochs: true,
    intendsBeforeLock: true,
    readsMark: true,
    reopensEarly: true,
  }),
  {
    name: 'ours, within one epoch: evictions and a crash',
    protocol: { writes: 'intend', faults: { evictions: 1 }, intendsBeforeLock: true },
    expected: 'holds',
    isLarge: true,
  },
  {
    name: 'ours, Redis flushed: a read takes entry and mark at once',
    protocol: {
      writes: 'intend',
      faults: { flushes: 1, crashes: 0 },
      hasEpochs: true,
      intendsBeforeLock: true,
      readsMark: true,
    },
    expected: 'holds',
    isLarge: true,
  },
];

function broken(name: string, protocol: Protocol): NamedProtocol {
  return { name, protocol, expected: 'violated' };
}

function brokenLate(name: string, protocol: Protocol): NamedProtocol {
  return { name, protocol, expected: 'violated', isLarge: true };
}
