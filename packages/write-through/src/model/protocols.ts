import type { Protocol } from './protocol.ts';

export interface NamedProtocol {
  readonly name: string;
  readonly protocol: Protocol;
  readonly expected: 'violated' | 'holds';
  /** Takes more than a few seconds to explore. */
  readonly isLarge?: boolean;
}

const quiet = { crashes: 0 };

/** Ours within one epoch, but for what may befall it. */
const ours: Protocol = {
  writes: 'intend',
  intendsBeforeLock: true,
  forgetsValue: true,
  retries: 'own tokens',
  resolvesPart: true,
};

/** Ours with epochs. */
const oursAcross: Protocol = { ...ours, hasEpochs: true, readsMark: true, retries: undefined, resolvesPart: false };

/** The usual designs, and ours without one of its guards, each with the fault that shows it. */
const broken: Record<string, Protocol> = {
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
  'pending entry with one slot': {
    writes: 'intend',
    faults: { evictions: 1 },
    hasOneSlot: true,
  },
  'RESOLVE compares content': { writes: 'intend', faults: { evictions: 1 }, comparesContent: true },
  'row read before the status': { writes: 'intend', readsRowFirst: true },
  'pending entries evictable': { writes: 'intend', faults: { evictions: 1 }, evictsPending: true },
  'no epoch, Redis flushed': { writes: 'intend', faults: { flushes: 1 } },
  'no epoch, failover to a lagging replica': { writes: 'intend', faults: { failovers: 1 } },
  'epochs, but INTEND ignores the mark': {
    writes: 'intend',
    faults: { flushes: 1 },
    hasEpochs: true,
    ignoresMark: true,
  },
  'bypass left without the exclusive lock': {
    ...oursAcross,
    faults: { flushes: 1, crashes: 0 },
    hasBypass: true,
    reopensEarly: true,
  },
  'INTEND and PUBLISH retried under one token, value forgotten': {
    ...ours,
    faults: quiet,
    retries: 'one token',
  },
  'INTEND and PUBLISH retried under one token, value kept': {
    ...ours,
    faults: { evictions: 1, crashes: 0 },
    retries: 'one token',
    forgetsValue: false,
  },
};
const brokenAcross: Record<string, Protocol> = {
  'a new epoch that does not wait for writers': {
    ...oursAcross,
    faults: { flushes: 1, crashes: 0 },
    reopensEarly: true,
  },
  'bypass left for the same epoch': {
    ...oursAcross,
    faults: { surrenders: 1, crashes: 0 },
    hasBypass: true,
    keepsEpoch: true,
  },
  'no trust lease, an old primary still answers': {
    ...oursAcross,
    faults: { failovers: 1, crashes: 0 },
    asksTrust: 'never',
  },
  'draining does not wait for the trust leases, bypass': {
    ...oursAcross,
    faults: { surrenders: 1, crashes: 0 },
    hasBypass: true,
    drainsAtOnce: true,
  },
  'draining does not wait for the trust leases, an old primary': {
    ...oursAcross,
    faults: { failovers: 1, crashes: 0 },
    drainsAtOnce: true,
  },
  'trust asked before the reply, old primary': {
    ...oursAcross,
    faults: { failovers: 1, crashes: 0 },
    asksTrust: 'before the reply',
  },
  'identity of the instance is not compared': {
    ...oursAcross,
    faults: { failovers: 1, crashes: 0 },
    ignoresIdentity: true,
  },
  'a fill in bypass': {
    ...oursAcross,
    faults: { surrenders: 1, crashes: 0 },
    hasBypass: true,
    fillsInBypass: true,
  },
  'a read boards a load whose LEASE was sent': {
    ...ours,
    faults: { evictions: 1, crashes: 0 },
    boardsUntil: 'SELECT',
  },
  'a read boards a load whose SELECT was sent': {
    ...ours,
    faults: { evictions: 1, crashes: 0 },
    boardsUntil: 'landing',
  },
  'outside: the drain discards': {
    ...ours,
    faults: quiet,
    outside: { discards: true },
  },
  'outside: the drain reads the row before INTEND': {
    ...ours,
    faults: quiet,
    outside: { readsRowFirst: true },
  },
  'outside: leased entries are skipped': {
    ...ours,
    faults: quiet,
    startsWarm: false,
    outside: { skipsLeases: true },
  },
};

const holds: Record<string, Protocol> = {
  'ours quiet': { ...ours, faults: { ...quiet } },
  'ours evict': { ...ours, faults: { evictions: 1, crashes: 0 } },
  'ours boards': { ...ours, faults: { evictions: 1, crashes: 0 }, boardsUntil: 'LEASE' },
  'ours outside': { ...ours, faults: { evictions: 1, crashes: 1 }, outside: {} },
  'ours sweeps, evict, crash': { ...ours, faults: { evictions: 1, crashes: 1, sweeps: 1 } },
  'ours flush no bypass': { ...oursAcross, faults: { flushes: 1, crashes: 0 } },
  'ours flush bypass': { ...oursAcross, faults: { flushes: 1, crashes: 0 }, hasBypass: true },
  'ours surrender bypass': { ...oursAcross, faults: { surrenders: 1, crashes: 0 }, hasBypass: true },
  'ours failover': { ...oursAcross, faults: { failovers: 1, crashes: 0 }, hasBypass: true },
};

function coarse(table: Record<string, Protocol>): Record<string, Protocol> {
  return Object.fromEntries(Object.entries(table).map(([name, protocol]) => [`${name}`, { ...protocol, isCoarse: true }]));
}

function named(table: Record<string, Protocol>, expected: 'violated' | 'holds'): NamedProtocol[] {
  return Object.entries(table).map(([name, protocol]) => ({ name, protocol, expected }));
}

/** Ours, and every broken one that it was compared with. */
export const protocols: readonly NamedProtocol[] = [
  ...named(broken, 'violated'),
  ...named(brokenAcross, 'violated'),
  ...named(coarse(holds), 'holds'),
];
