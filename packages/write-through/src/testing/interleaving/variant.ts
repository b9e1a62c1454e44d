import type { Limits } from '../../limits.ts';
import type { EntryRules } from '../entry-rules.ts';
import type { EnginePorts } from './engine-ports.ts';
import type { Engine } from './play.ts';

/** What a broken variant of the engine puts in the place of a part; ours puts nothing. */
export interface Variant {
  /** How the store changes its entries. */
  readonly rules?: EntryRules;
  /** Around the ports of each process; `evict` drops the entry if it has a life. */
  readonly ports?: (ports: EnginePorts, evict: () => void) => EnginePorts;
  /** Around each engine. */
  readonly engine?: (engine: Engine) => Engine;
  readonly limits?: Partial<Limits>;
  /** A new epoch does not wait for writers. */
  readonly activatesWithoutLock?: boolean;
}
