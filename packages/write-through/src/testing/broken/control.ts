import type { Fault } from '../interleaving/network.ts';
import type { Variant } from '../interleaving/memory-stage.ts';
import type { Part } from '../interleaving/play.ts';

/** A broken variant, and the play in whose course it goes wrong. */
export interface Control {
  readonly name: string;
  readonly variant: Variant;
  readonly parts: readonly Part[];
  readonly faults?: readonly Fault[];
  /** After how many turns the entry is evicted, if it can be. */
  readonly evictions?: readonly number[];
}
