import type { Untrusted } from '../entry-store.ts';
import { ClusterTopology } from './cluster-topology.ts';
import type { ConnectionSettings } from './connection-settings.ts';
import type { Command } from './redis-connection.ts';
import { RedisLink } from './redis-link.ts';
import type { RedisPlace } from './redis-place.ts';
import { SentinelTopology } from './sentinel-topology.ts';

/** Which instances entries are kept in, and the connections to them; one implementation for each kind of place. */
export interface RedisTopology extends AsyncDisposable {
  /** Names all the instances that are used, by who they are; undefined while one is unknown or unfit. */
  readonly identity: string | undefined;

  /** Why `identity` is undefined, for a person. */
  readonly problem: string | undefined;

  /** Whether an instance answers that must not hold entries. */
  readonly isUnfit: boolean;

  /** Whether one command may name keys of several slots. */
  readonly spansSlots: boolean;

  /** Called when `identity` changes, and when another problem keeps it undefined. */
  onIdentityChange(listener: () => void): void;

  /**
   * Sends to the instance that owns the slot, if `identity` is that of now. Throws when it cannot be reached, does
   * not answer in time, or refuses.
   */
  send<Reply>(identity: string, command: Command<Reply>, slot: number): Promise<Reply | Untrusted>;

  /** Asks all instances anew who they are. Throws when one that is needed does not answer, or is unfit. */
  verify(): Promise<string>;
}

export interface TopologyOptions extends ConnectionSettings {
  /** The slots that are used. */
  readonly slots: readonly number[];
  /** A key of the store that is never there, to try out what the user may do. */
  readonly probeKey: string;
}

export function openTopology(place: RedisPlace, options: TopologyOptions): RedisTopology {
  switch (place.kind) {
    case 'standalone':
      return new RedisLink({ ...options, ...place, mode: 'standalone' });
    case 'sentinel':
      return new SentinelTopology(place, options);
    case 'cluster':
      return new ClusterTopology(place, options);
  }
}
