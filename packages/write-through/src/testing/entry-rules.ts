import type { Attempt, Entry, FinalEntry } from '../entry.ts';
import type { Fill, Intent, Lease, Publication, Resolution } from '../entry-store.ts';
import type { StoreStep } from '../intercepted-store.ts';

/** What one key holds: an entry, and behind a pending one the highest version published meanwhile. */
export interface Slot {
  readonly entry: Exclude<Entry, { state: 'absent' | 'unreadable' }>;
  readonly best?: FinalEntry | undefined;
  /** When a pending entry was last intended. */
  readonly intendedAtMs?: number | undefined;
}

/** What a step leaves in the slot, or that the entry had moved on. */
export type Settlement = Slot | 'superseded' | 'absent';

/** How each step changes what a key holds: what the scripts do at Redis, in TypeScript. */
export interface EntryRules {
  /** What readers see of the slot. */
  shown(slot: Slot | undefined): Entry;
  leased(slot: Slot | undefined, lease: Lease): Slot;
  filled(slot: Slot | undefined, fill: Fill): Settlement;
  intended(slot: Slot | undefined, intent: Intent): Settlement;
  published(slot: Slot | undefined, publication: Publication): Settlement;
  resolved(slot: Slot | undefined, resolution: Resolution): Settlement;
  extended(slot: Slot | undefined, entry: FinalEntry): Settlement;
  /** Whether the entry has a life, so that it may go at any moment. */
  isMortal(slot: Slot): boolean;
  /** Whether the step is refused where another instance answers than that of the epoch, or no mark of it stands. */
  isGuarded(step: StoreStep): boolean;
}

export const entryRules: EntryRules = {
  /** A pending entry tells the version behind it, and nothing else of what was published. */
  shown: (slot) => {
    if (slot === undefined) return { state: 'absent' };
    const { entry, best } = slot;
    return entry.state === 'pending' ? { ...entry, bestVersion: best?.version } : entry;
  },

  leased: (slot, { token }) => slot ?? { entry: { state: 'lease', token } },

  filled: (slot, { token, entry }) =>
    slot?.entry.state === 'lease' && slot.entry.token === token ? { entry } : 'superseded',

  intended: (slot, { attempt, nonce }) => {
    const attempts = [...attemptsIn(slot).filter((other) => !isSame(other, attempt)), attempt];
    return { entry: { state: 'pending', nonce, attempts }, best: slot?.best };
  },

  published: (slot, { attempt, entry }) =>
    attemptsIn(slot).some((other) => isSame(other, attempt))
      ? settled(slot, [attempt], entry)
      : 'superseded',

  resolved: (slot, resolution) => {
    if (slot?.entry.state !== 'pending' || slot.entry.nonce !== resolution.nonce) {
      return 'superseded';
    }
    if (resolution.type === 'part') return settled(slot, resolution.attempts, resolution.entry);
    return resolution.entry === undefined ? 'absent' : { entry: resolution.entry };
  },

  extended: (slot, entry) => {
    const found = slot?.entry;
    if (found === undefined || found.state !== entry.state) return 'superseded';
    if (!('version' in found) || found.version !== entry.version) return 'superseded';
    if (found.state === 'value' && entry.state === 'value' && found.schema !== entry.schema) {
      return 'superseded';
    }
    return { entry: { ...found, lifeMs: entry.lifeMs, expiresAtMs: entry.expiresAtMs } };
  },

  isMortal: ({ entry }) => entry.state !== 'pending',

  isGuarded: () => true,
};

function attemptsIn(slot: Slot | undefined): readonly Attempt[] {
  return slot?.entry.state === 'pending' ? slot.entry.attempts : [];
}

function isSame(one: Attempt, other: Attempt): boolean {
  return one.xid === other.xid && one.token === other.token;
}

function higher(
  best: FinalEntry | undefined,
  offered: FinalEntry | undefined,
): FinalEntry | undefined {
  if (best === undefined || offered === undefined) return best ?? offered;
  return offered.version > best.version ? offered : best;
}

/** The pending entry without those attempts; once there is none left, the best that was published. */
function settled(
  slot: Slot | undefined,
  ended: readonly Attempt[],
  offered: FinalEntry | undefined,
): Slot | 'absent' {
  const best = higher(slot?.best, offered);
  const attempts = attemptsIn(slot).filter((attempt) => !ended.some((one) => isSame(one, attempt)));
  if (attempts.length > 0 && slot?.entry.state === 'pending') {
    return { ...slot, entry: { ...slot.entry, attempts }, best };
  }
  return best === undefined ? 'absent' : { entry: best };
}
