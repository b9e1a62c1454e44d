import type { RedisAddress } from './redis-place.ts';

/** Who serves a range of slots, in the eyes of one node. */
export interface SlotRange {
  readonly first: number;
  readonly last: number;
  readonly owner: RedisAddress;
  /** The owner's configuration epoch: of two who claim a slot, the nodes believe the one of the higher epoch. */
  readonly configEpoch: number;
}

/** What one node of a cluster says of it. */
export interface ClusterView {
  /** Whether the node serves anything: not while it sees too few primaries, or slots without one. */
  readonly isOk: boolean;
  readonly ranges: readonly SlotRange[];
}

/**
 * Asks a node for its view. CLUSTER SLOTS has the addresses that clients should use, over TLS or not; CLUSTER NODES
 * the configuration epochs. `host` stands for a node that does not know its own.
 */
export async function askClusterView(
  ask: (...words: string[]) => Promise<unknown>,
  host: string,
): Promise<ClusterView> {
  const [info, nodes, slots] = await Promise.all([
    ask('CLUSTER', 'INFO'),
    ask('CLUSTER', 'NODES'),
    ask('CLUSTER', 'SLOTS'),
  ]);
  return {
    isOk: String(info).includes('cluster_state:ok'),
    ranges: readRanges(slots, readConfigEpochs(String(nodes)), host),
  };
}

/** Who serves a slot, by the rule that the nodes themselves follow when their views differ. */
export function findOwner(views: readonly ClusterView[], slot: number): RedisAddress | undefined {
  let found: SlotRange | undefined;
  for (const range of views.flatMap(({ ranges }) => ranges)) {
    if (slot < range.first || slot > range.last) continue;
    if (found === undefined || range.configEpoch > found.configEpoch) found = range;
  }
  return found?.owner;
}

/** Configuration epochs by the ids of nodes; a line is `id address flags primary ping pong epoch link slots…`. */
function readConfigEpochs(nodes: string): Map<string, number> {
  return new Map(
    nodes.split('\n').map((line) => {
      const [id = '', , , , , , configEpoch] = line.split(' ');
      return [id, Number(configEpoch)];
    }),
  );
}

/** Rows of `[first, last, [host, port, id, …], replicas…]`. */
function readRanges(
  slots: unknown,
  configEpochs: ReadonlyMap<string, number>,
  host: string,
): SlotRange[] {
  if (!Array.isArray(slots)) throw new TypeError('CLUSTER SLOTS answered with no list.');
  return slots.flatMap((row: unknown) => {
    if (!Array.isArray(row)) return [];
    const [first, last, owner]: unknown[] = row;
    if (!Array.isArray(owner)) return [];
    const [endpoint, port, id]: unknown[] = owner;
    return [
      {
        first: Number(first),
        last: Number(last),
        owner: { host: readHost(endpoint, host), port: Number(port) },
        configEpoch: configEpochs.get(String(id)) ?? 0,
      },
    ];
  });
}

/** Nodes that were told no host name, or do not know their address, say so in these ways. */
function readHost(endpoint: unknown, host: string): string {
  const isTold = typeof endpoint === 'string' || Buffer.isBuffer(endpoint);
  const told = isTold ? endpoint.toString() : '';
  return told === '' || told === '?' ? host : told;
}
