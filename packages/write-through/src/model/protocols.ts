import type { ListProtocol } from './list-protocol.ts';
import type { Protocol } from './protocol.ts';

export type NamedProtocol = {
  readonly name: string;
  readonly expected: 'violated' | 'holds';
  /** Takes more than some seconds to explore. */
  readonly isLarge: boolean;
} & ({ readonly protocol: Protocol } | { readonly list: ListProtocol });

const quiet = { crashes: 0 };
const evicts = { evictions: 1, crashes: 0 };

/** The steps of ours, one by one, so that a violation tells all of them. */
const ours: Protocol = { writes: 'intend', intendsBeforeLock: true, forgetsValue: true };
const oursAcross: Protocol = { ...ours, hasEpochs: true, readsMark: true };

/** Ours, as it is judged: with coarse steps, which promise more. */
const judged: Protocol = { ...ours, resolvesPart: true, isCoarse: true };
const judgedAcross: Protocol = { ...judged, hasEpochs: true, readsMark: true, hasBypass: true };

const brokenEntries: Record<string, Protocol> = {
  'SET inside the transaction, then COMMIT': { writes: 'set', faults: { evictions: 1 } },
  'DEL after COMMIT, blind fill, cold': { writes: 'delete', faults: quiet, startsWarm: false },
  'DEL after COMMIT, blind fill, warm': { writes: 'delete', faults: quiet },
  'leases with DEL after COMMIT, no crash': { writes: 'lease', faults: quiet },
  'leases with DEL after COMMIT, a crash': { writes: 'lease' },
  'lease token per client': {
    writes: 'lease',
    faults: quiet,
    reusesTokens: true,
    startsWarm: false,
  },
  'pending entries with a life': { writes: 'intend', faults: { expiries: 1 } },
  'pending entry with one slot': { writes: 'intend', faults: evicts, hasOneSlot: true },
  'RESOLVE compares content': { writes: 'intend', faults: evicts, comparesContent: true },
  'row read before the status': { writes: 'intend', readsRowFirst: true },
  'pending entries evictable': { writes: 'intend', faults: { evictions: 1 }, evictsPending: true },
  'INTEND and PUBLISH retried under one token, value forgotten': {
    ...ours,
    faults: quiet,
    retries: 'one token',
  },
  'INTEND and PUBLISH retried under one token, value kept': {
    ...ours,
    faults: evicts,
    retries: 'one token',
    forgetsValue: false,
  },
};

const brokenEpochs: Record<string, Protocol> = {
  'no epoch, Redis flushed': { writes: 'intend', faults: { flushes: 1 } },
  'no epoch, failover to a lagging replica': { writes: 'intend', faults: { failovers: 1 } },
  'epochs, but INTEND ignores the mark': {
    writes: 'intend',
    faults: { flushes: 1, crashes: 0 },
    hasEpochs: true,
    ignoresMark: true,
  },
  'bypass left without the exclusive lock': {
    ...oursAcross,
    faults: { flushes: 1, crashes: 0 },
    hasBypass: true,
    reopensEarly: true,
  },
  'a new epoch without the exclusive lock, no bypass': {
    ...oursAcross,
    faults: { flushes: 1, crashes: 0 },
    reopensEarly: true,
  },
  'bypass left for the epoch before it': {
    ...oursAcross,
    faults: { surrenders: 1, crashes: 0 },
    hasBypass: true,
    keepsEpoch: true,
  },
  'a fill in bypass': {
    ...oursAcross,
    faults: { surrenders: 1, crashes: 0 },
    hasBypass: true,
    fillsInBypass: true,
  },
  'the instance is not compared, failover to a lagging replica': {
    ...oursAcross,
    faults: { failovers: 1, crashes: 0 },
    ignoresIdentity: true,
  },
  'no trust lease, an old primary answers': {
    ...oursAcross,
    faults: { failovers: 1, crashes: 0 },
    asksTrust: 'never',
  },
  'bypass does not wait for the trust leases': {
    ...oursAcross,
    faults: { surrenders: 1, crashes: 0 },
    hasBypass: true,
    drainsAtOnce: true,
  },
  'a new epoch does not wait for the trust leases, an old primary': {
    ...oursAcross,
    faults: { failovers: 1, crashes: 0 },
    drainsAtOnce: true,
  },
};

const brokenLoads: Record<string, Protocol> = {
  'a read boards a load whose LEASE was answered': {
    ...ours,
    faults: evicts,
    boardsUntil: 'SELECT',
  },
  'a read boards a load whose SELECT was answered': {
    ...ours,
    faults: evicts,
    boardsUntil: 'landing',
  },
  'outside: the drain discards': { ...ours, faults: quiet, outside: { discards: true } },
  'outside: the drain reads the row before INTEND': {
    ...ours,
    faults: quiet,
    outside: { readsRowFirst: true },
  },
  'outside: the drain skips leased entries': {
    ...ours,
    faults: quiet,
    startsWarm: false,
    outside: { skipsLeases: true },
  },
};

const brokenLists: Record<string, ListProtocol> = {
  'list: a move does not INTEND it': { reads: 3, intendsNothing: true },
  'list: its version is counted, and the count is lost': {
    reads: 3,
    evictions: 1,
    countsVersions: true,
  },
  'list: its version is read after the page': { reads: 3, readsVersionLast: true },
  'list: its version is remembered by the process': { reads: 3, remembersVersion: true },
};

const guesses = { guessesVersion: true } as const;

const oursSmall: Record<string, Protocol> = {
  'ours, within one epoch': { ...judged, faults: quiet },
  'ours, Redis flushed, no bypass': {
    ...judgedAcross,
    faults: { flushes: 1, crashes: 0 },
    hasBypass: false,
  },
  'ours, Redis flushed, bypass': { ...judgedAcross, faults: { flushes: 1, crashes: 0 } },
  'ours, a write leaves Redis, bypass': { ...judgedAcross, faults: { surrenders: 1, crashes: 0 } },
  'ours, failover, the old primary answers': {
    ...judgedAcross,
    faults: { failovers: 1, crashes: 0 },
  },
};

const oursLarge: Record<string, Protocol> = {
  'ours, an eviction and the sweeper': { ...judged, faults: { ...evicts, sweeps: 1 } },
  'ours, INTEND sent twice, an eviction': { ...judged, faults: evicts, retries: 'own tokens' },
  'ours, a load shared, an eviction': { ...judged, faults: evicts, boardsUntil: 'LEASE' },
  'ours, writes from outside, an eviction': { ...judged, faults: evicts, outside: {} },
  'ours, flush, an eviction, who takes the lock crashes': {
    ...judgedAcross,
    faults: { flushes: 1, evictions: 1, crashes: 1 },
  },
  'ours, two epochs: a flush, then failover': {
    ...judgedAcross,
    faults: { flushes: 1, failovers: 1, crashes: 0 },
  },
  'ours, trust asked before the reply, the old primary answers': {
    ...judgedAcross,
    faults: { failovers: 1, crashes: 0 },
    asksTrust: 'before the reply',
  },
};

/** Ours, and every broken one that it was compared with. */
export const protocols: readonly NamedProtocol[] = [
  ...records(brokenEntries, 'violated'),
  ...records(brokenEpochs, 'violated'),
  ...records(brokenLoads, 'violated'),
  ...lists(brokenLists, 'violated'),
  ...records(oursSmall, 'holds'),
  ...records(oursLarge, 'holds', true),
  ...lists({ 'ours, a list, an eviction': { ...guesses, reads: 2, evictions: 1 } }, 'holds'),
  ...lists(
    { 'ours, a list, an eviction, more reads': { ...guesses, reads: 4, evictions: 1 } },
    'holds',
    true,
  ),
];

function records(
  table: Record<string, Protocol>,
  expected: NamedProtocol['expected'],
  isLarge = false,
): NamedProtocol[] {
  return Object.entries(table).map(([name, protocol]) => ({ name, protocol, expected, isLarge }));
}

function lists(
  table: Record<string, ListProtocol>,
  expected: NamedProtocol['expected'],
  isLarge = false,
): NamedProtocol[] {
  return Object.entries(table).map(([name, list]) => ({ name, list, expected, isLarge }));
}
