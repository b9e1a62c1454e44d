import type { Fault } from '../interleaving/network.ts';
import type { Act, Part, PlayEvent } from '../interleaving/play.ts';
import type { Variant } from '../interleaving/variant.ts';

/** A broken variant, and the play in whose course it goes wrong. */
export interface Control {
  readonly name: string;
  readonly variant: Variant;
  readonly parts: readonly Part[];
  readonly faults?: readonly Fault[];
  readonly events?: readonly PlayEvent[];
  /** Played by whole caches with their keepers, from this state of the epoch row on; else within one epoch. */
  readonly keepersBegin?: 'active' | 'bypass';
  /** How often others go before the clock does, with keepers. */
  readonly clockTurns?: number;
}

export function part(engine: number, ...acts: Act[]): Part {
  return { engine, acts };
}

export function slow(step: Fault['step'], nth: number, turns: number): Fault {
  return { step, nth, kind: 'slow', turns };
}

/** The entry is evicted after so many turns, as often as that. */
export function evicted(...turns: number[]): PlayEvent[] {
  return turns.map((after) => ({ what: 'the entry is evicted', turns: after }));
}
