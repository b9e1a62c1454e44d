import {
  givesUpUnknown,
  guessesOutcome,
  ignoresTag,
  lifeGivenBy,
  partWithoutRow,
  rowBeforeStatus,
  rowsBeforeLeases,
  tokenPerClient,
  tokenPerTransaction,
} from './broken-ports.ts';
import {
  bareExtension,
  blindFill,
  comparesContent,
  evictablePending,
  oneSlot,
} from './broken-rules.ts';
import { deleteAfterCommit, leasesWithDelete, setBeforeCommit } from './classic-designs.ts';
import { type Control, evicted, part, slow } from './control.ts';
import { sharedGets, sharedReads } from './shared-reads.ts';

/** Every broken variant that goes wrong while Redis loses nothing but entries. */
export const controlsWithinAnEpoch: readonly Control[] = [
  {
    name: 'SET inside the transaction, then COMMIT',
    variant: setBeforeCommit,
    parts: [part(0, 'write'), part(1, 'read', 'read')],
  },
  {
    name: 'DEL after COMMIT, blind fill',
    variant: deleteAfterCommit,
    parts: [part(0, 'write'), part(1, 'read')],
    faults: [slow('fill', 1, 10)],
  },
  {
    name: 'leases with DEL after COMMIT',
    variant: leasesWithDelete,
    parts: [part(0, 'write'), part(1, 'read'), part(0, 'read', 'read')],
    faults: [slow('publish', 1, 10)],
  },
  {
    name: 'lease token per client',
    variant: { ports: tokenPerClient },
    parts: [part(0, 'read', 'write', 'read')],
    faults: [slow('fill', 1, 20), slow('fill', 2, 30)],
    events: evicted(12, 14, 16, 18),
  },
  {
    name: 'pending entries with a life',
    variant: { ports: lifeGivenBy('intend'), rules: evictablePending },
    parts: [part(0, 'write'), part(1, 'read', 'read')],
    faults: [slow('commit', 1, 12)],
  },
  {
    name: 'pending entry with one slot',
    variant: { rules: oneSlot },
    parts: [part(0, 'write'), part(1, 'write')],
    faults: [slow('query', 1, 10)],
  },
  {
    name: 'RESOLVE compares content',
    variant: { rules: comparesContent },
    parts: [part(0, 'failing write', 'read'), part(1, 'read', 'write')],
    faults: [{ step: 'abandon', nth: 1, kind: 'lost', turns: 0 }, slow('resolve', 1, 12)],
  },
  {
    name: 'row read before the status',
    variant: { ports: rowBeforeStatus },
    parts: [part(0, 'write'), part(1, 'read', 'read')],
  },
  {
    name: 'pending entries evictable',
    variant: { rules: evictablePending },
    parts: [part(0, 'write'), part(1, 'read', 'read')],
    faults: [slow('commit', 1, 12)],
    events: evicted(8, 16),
  },
  {
    name: 'extension by a bare PEXPIRE',
    variant: { ports: lifeGivenBy('extend'), rules: bareExtension },
    parts: [part(0, 'read', 'read', 'read', 'write'), part(1, 'read', 'read', 'read')],
    faults: [slow('extend', 1, 8), slow('extend', 2, 8), slow('commit', 1, 30)],
  },
  {
    name: 'FILL does not compare the lease',
    variant: { rules: blindFill },
    parts: [part(0, 'write'), part(1, 'read')],
    faults: [slow('fill', 1, 10)],
  },
  {
    name: 'FILL of a warm-up does not compare the lease',
    variant: { rules: blindFill },
    parts: [part(0, 'write'), part(1, 'warm', 'read')],
    faults: [slow('fillMany', 1, 10)],
  },
  {
    name: 'warm-up whose rows are read before its leases',
    variant: { ports: rowsBeforeLeases },
    parts: [part(0, 'write'), part(1, 'warm', 'read')],
    faults: [slow('leaseMany', 1, 16)],
    events: evicted(14, 17, 20, 23),
  },
  {
    name: 'INTEND and PUBLISH retried under one token',
    variant: { ports: tokenPerTransaction },
    parts: [part(0, 'write'), part(1, 'read', 'write')],
    faults: [
      { step: 'intend', nth: 1, kind: 'late', turns: 16 },
      { step: 'publish', nth: 1, kind: 'late', turns: 16 },
    ],
  },
  {
    name: 'RESOLVE in part without the version of the row',
    variant: { ports: partWithoutRow },
    parts: [part(0, 'write'), part(1, 'write'), part(0, 'failing write'), part(1, 'read', 'read')],
    faults: [slow('publish', 2, 30), slow('rollback', 1, 10)],
  },
  {
    name: 'one load shared by all who ask',
    variant: { engine: sharedReads },
    parts: [part(0, 'read'), part(0, 'write', 'read')],
    faults: [{ step: 'load', nth: 1, kind: 'slow answer', turns: 30 }],
  },
  {
    name: 'a read joins an MGET that was sent',
    variant: { ports: sharedGets },
    parts: [part(0, 'read', 'read'), part(0, 'write', 'read')],
    faults: [{ step: 'get', nth: 2, kind: 'slow answer', turns: 30 }],
  },
  {
    name: 'COMMIT taken for done without its tag',
    variant: { ports: ignoresTag },
    parts: [part(0, 'careless write'), part(1, 'read')],
  },
  {
    name: 'PUBLISH on a guess when the outcome is unknown',
    variant: { ports: guessesOutcome },
    parts: [part(0, 'write'), part(1, 'read')],
    faults: [{ step: 'commit', nth: 1, kind: 'lost', turns: 0 }],
  },
  {
    name: 'ABANDON on a guess when the outcome is unknown',
    variant: { ports: givesUpUnknown },
    parts: [part(0, 'write'), part(1, 'write')],
    faults: [{ step: 'commit', nth: 2, kind: 'unanswered', turns: 0 }],
  },
];
