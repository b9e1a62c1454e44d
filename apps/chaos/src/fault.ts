import type { Bed, Member } from './bed.ts';
import type { Random } from './random.ts';
import type { Store } from './store.ts';

/** What a fault is done to: drawn from the seed. */
export interface FaultTarget<S extends Store = Store> {
  readonly bed: Bed<S>;
  readonly member: Member;
  readonly random: Random;
}

/** What can be broken. Two faults at once break different things, for each must find its own as it expects it. */
export type Part = 'redis' | 'redis link' | 'postgres' | 'postgres link' | 'process';

export interface Fault<S extends Store = Store> {
  /** Nothing: it only uses what others break. */
  readonly breaks: readonly Part[];
  /** Does something bad, for as long as it takes; the bed is healed afterwards. */
  readonly happen: (target: FaultTarget<S>) => Promise<void>;
}

/** Longer than a trust lease, so that those who are cut off have lost it. */
export const longMs = 3_000;
