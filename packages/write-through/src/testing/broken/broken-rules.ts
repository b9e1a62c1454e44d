import { type EntryRules, entryRules, type Slot } from '../entry-rules.ts';

/** A pending entry names the last writer only. */
export const oneSlot: EntryRules = {
  ...entryRules,
  intended: (slot, { attempt, nonce }) => ({
    entry: { state: 'pending', nonce, attempts: [attempt] },
    best: slot?.best,
  }),
};

/** RESOLVE compares who is pending, not the nonce: so the nonce shown is made of the attempts. */
export const comparesContent: EntryRules = {
  ...entryRules,
  shown: (slot) => {
    const entry = entryRules.shown(slot);
    return entry.state === 'pending' ? { ...entry, nonce: contentOf(slot) } : entry;
  },
  resolved: (slot, resolution) =>
    slot?.entry.state === 'pending' && contentOf(slot) === resolution.nonce
      ? entryRules.resolved(slot, { ...resolution, nonce: slot.entry.nonce })
      : 'superseded',
};

/** Pending entries go when memory is full, as under `allkeys-lru`. */
export const evictablePending: EntryRules = { ...entryRules, isMortal: () => true };

/** FILL is accepted whoever holds the lease, and whether anybody does. */
export const blindFill: EntryRules = {
  ...entryRules,
  filled: (slot, { entry }) => (slot?.entry.state === 'pending' ? 'superseded' : { entry }),
};

/** An extension is a PEXPIRE: it gives a life to whatever is there. */
export const bareExtension: EntryRules = {
  ...entryRules,
  extended: (slot) => (slot === undefined ? 'superseded' : { ...slot, isExtended: true }),
  intended: (slot, intent) => {
    const next = entryRules.intended(slot, intent);
    return typeof next === 'string' ? next : { ...next, isExtended: false };
  },
  isMortal: (slot) => entryRules.isMortal(slot) || isExtended(slot),
};

/** Nothing is asked of the store before it is believed. */
export const unguarded: EntryRules = { ...entryRules, isGuarded: () => false };

/** Only readers' changes look at the mark: INTEND and PUBLISH do not, nor does the read of an entry. */
export const halfGuarded: EntryRules = {
  ...entryRules,
  isGuarded: (step) => step !== 'intend' && step !== 'publish' && step !== 'get',
};

/** A life that only {@link bareExtension} gives. */
interface ExtendedSlot extends Slot {
  readonly isExtended: boolean;
}

function isExtended(slot: Slot | ExtendedSlot): boolean {
  return 'isExtended' in slot && slot.isExtended;
}

function contentOf(slot: Slot | undefined): string {
  const attempts = slot?.entry.state === 'pending' ? slot.entry.attempts : [];
  return attempts.map(({ xid, token }) => `${xid}/${token}`).join(' ');
}
