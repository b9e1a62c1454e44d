import { setTimeout as delay } from 'node:timers/promises';
import { pollUntil } from './poll-until.ts';
import { redisCommand, redisOrder } from './redis-command.ts';
import { type RedisCertificate, RedisServer } from './redis-server.ts';

export interface RedisClusterOptions {
  readonly primaries?: number;
  readonly replicasOfEach?: number;
  /** primaries without slots, after all the others */
  readonly spares?: number;
  /** after so long without an answer a node counts as failed, and its replica asks to take over */
  readonly nodeTimeoutMs?: number;
  /** clients may speak TLS, and the nodes do */
  readonly tls?: RedisCertificate;
  /** more arguments for every node, or for each by its number */
  readonly arguments?: readonly string[] | ((index: number) => readonly string[]);
}

const slotCount = 16_384;
const busPortOffset = 10_000;

/**
 * A Redis Cluster of one's own: nodes on free ports of 127.0.0.1, primaries first. Each node is a
 * {@link RedisServer} that a test may kill, pause, resume and restart; one that is restarted with its
 * data kept is the same node again, with or without entries. It ends when this process does.
 */
export class RedisCluster implements AsyncDisposable {
  readonly nodes: readonly RedisServer[];
  readonly #servers: AsyncDisposableStack;

  private constructor(nodes: readonly RedisServer[], servers: AsyncDisposableStack) {
    this.nodes = nodes;
    this.#servers = servers;
  }

  /** Resolves when every node knows who serves each slot, and every replica has a copy. */
  static async start(options: RedisClusterOptions = {}): Promise<RedisCluster> {
    const { primaries = 3, replicasOfEach = 1, spares = 0 } = options;
    const serving = primaries * (1 + replicasOfEach);
    await using starting = new AsyncDisposableStack();
    const started = await Promise.allSettled(
      Array.from({ length: serving + spares }, async (_, index) =>
        starting.use(await startNode(options, index)),
      ),
    );
    const nodes = started.map((result) => {
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    });
    await introduce(nodes, primaries);
    const replicas = nodes.slice(primaries, serving);
    await join(nodes.slice(0, primaries), replicas);
    await pollUntil('every replica of the cluster has its copy', async () =>
      areInStep(nodes, replicas),
    );
    return new RedisCluster(nodes, starting.move());
  }

  get urls(): string[] {
    return this.nodes.map(({ url }) => url);
  }

  /** Resolves when all of these nodes, every one unless told, say that every slot is served. */
  async settled(nodes: readonly RedisServer[] = this.nodes): Promise<void> {
    await pollUntil('every node says that the cluster is ok', async () => areOk(nodes));
  }

  /** The nodes that serve slots now, as a node sees it that finds the cluster to be ok. */
  async primaries(): Promise<RedisServer[]> {
    const owners = (await this.#view()).filter(({ slots }) => slots.length > 0);
    return owners.map(({ server }) => server);
  }

  /** The node that serves a slot now. */
  async ownerOf(slot: number): Promise<RedisServer> {
    const owns = ({ slots }: NodeView): boolean =>
      slots.some(([first, last]) => first <= slot && slot <= last);
    const owner = (await this.#view()).find(owns);
    if (owner === undefined) throw new Error(`Nobody serves slot ${String(slot)}.`);
    return owner.server;
  }

  /** The replicas of a node. */
  async replicasOf(primary: RedisServer): Promise<RedisServer[]> {
    const view = await this.#view();
    const id = view.find(({ server }) => server === primary)?.id;
    return view.filter(({ primaryId }) => primaryId === id).map(({ server }) => server);
  }

  /** Moves a slot with all it holds to another primary, key by key, as `redis-cli --cluster reshard` does. */
  async moveSlot(
    slot: number,
    to: RedisServer,
    options: { readonly pauseMs?: number } = {},
  ): Promise<void> {
    const from = await this.ownerOf(slot);
    const [fromId, toId] = [await idOf(from), await idOf(to)];
    await redisOrder(to.url, `CLUSTER SETSLOT ${String(slot)} IMPORTING ${fromId}`);
    await redisOrder(from.url, `CLUSTER SETSLOT ${String(slot)} MIGRATING ${toId}`);
    for (;;) {
      const reply = await redisOrder(from.url, `CLUSTER GETKEYSINSLOT ${String(slot)} 1`);
      const [key] = /(?<=\r\n)[^\r\n*$]+(?=\r\n)/.exec(reply) ?? [];
      if (key === undefined) break;
      await redisOrder(from.url, `MIGRATE 127.0.0.1 ${String(to.port)} "${key}" 0 5000`);
      await delay(options.pauseMs ?? 0);
    }
    const others = (await this.primaries()).filter((node) => node !== from && node !== to);
    for (const node of [to, from, ...others]) {
      await redisOrder(node.url, `CLUSTER SETSLOT ${String(slot)} NODE ${toId}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#servers.disposeAsync();
  }

  async #view(): Promise<NodeView[]> {
    for (const node of this.nodes) {
      const reply = await viewOf(node).catch(() => undefined);
      if (reply === undefined) continue;
      return this.nodes.flatMap((server) => {
        const seen = reply.find(({ port }) => port === server.port);
        return seen === undefined ? [] : [{ ...seen, server }];
      });
    }
    throw new Error('No node of the cluster answers that it is ok.');
  }
}

interface SeenNode {
  readonly id: string;
  readonly port: number;
  readonly primaryId: string;
  readonly slots: readonly (readonly [number, number])[];
}

interface NodeView extends SeenNode {
  readonly server: RedisServer;
}

async function startNode(options: RedisClusterOptions, index: number): Promise<RedisServer> {
  const { nodeTimeoutMs = 1_500, arguments: more = [] } = options;
  const settings = {
    'cluster-enabled': 'yes',
    'cluster-config-file': 'nodes.conf',
    'cluster-node-timeout': String(nodeTimeoutMs),
    'cluster-replica-validity-factor': '0', // a replica may take over however long its link was down
    'cluster-allow-replica-migration': 'no',
    'repl-diskless-sync-delay': '0',
  };
  return RedisServer.start({
    ...(options.tls === undefined ? {} : { tls: options.tls }),
    arguments: [
      ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
      ...(typeof more === 'function' ? more(index) : more),
    ],
  });
}

/** Gives each primary its share of the slots, and makes all nodes known to one another. */
async function introduce(nodes: readonly RedisServer[], primaries: number): Promise<void> {
  for (const [index, node] of nodes.entries()) {
    // With epochs of their own no two nodes have to settle whose word counts.
    await redisOrder(node.url, `CLUSTER SET-CONFIG-EPOCH ${String(index + 1)}`);
    if (index >= primaries) continue;
    const first = Math.ceil((index * slotCount) / primaries);
    const last = Math.ceil(((index + 1) * slotCount) / primaries) - 1;
    await redisOrder(node.url, `CLUSTER ADDSLOTSRANGE ${String(first)} ${String(last)}`);
  }
  const [first, ...others] = nodes;
  for (const node of others) {
    if (first === undefined) break;
    const busPort = await busPortOf(node);
    await redisOrder(first.url, `CLUSTER MEET 127.0.0.1 ${String(node.port)} ${String(busPort)}`);
  }
  await pollUntil('all nodes of the cluster know each other', async () => {
    const views = await Promise.all(nodes.map(async ({ url }) => redisOrder(url, 'CLUSTER NODES')));
    return views.every((view) => {
      const lines = linesOf(view);
      return lines.length === nodes.length && !/handshake|noaddr|fail/.test(view);
    });
  });
}

async function join(
  primaries: readonly RedisServer[],
  replicas: readonly RedisServer[],
): Promise<void> {
  for (const [index, replica] of replicas.entries()) {
    const primary = primaries[index % primaries.length];
    if (primary === undefined) continue;
    await redisOrder(replica.url, `CLUSTER REPLICATE ${await idOf(primary)}`);
  }
}

async function areInStep(
  nodes: readonly RedisServer[],
  replicas: readonly RedisServer[],
): Promise<boolean> {
  const links = await Promise.all(
    replicas.map(async ({ url }) => redisOrder(url, 'INFO replication')),
  );
  if (!links.every((link) => link.includes('master_link_status:up'))) return false;
  const views = await Promise.all(nodes.map(async ({ url }) => redisOrder(url, 'CLUSTER NODES')));
  const knowsAll = (view: string): boolean =>
    linesOf(view).filter((line) => line.includes('slave')).length === replicas.length;
  return views.every(knowsAll) && (await areOk(nodes));
}

async function areOk(nodes: readonly RedisServer[]): Promise<boolean> {
  const states = await Promise.all(
    nodes.map(async ({ url }) => redisCommand(url, 'CLUSTER INFO').catch(() => '')),
  );
  return states.every(
    (state) => state.includes('cluster_state:ok') && state.includes('cluster_slots_ok:16384'),
  );
}

/** What a node sees, if it says that the cluster is ok. */
async function viewOf(node: RedisServer): Promise<SeenNode[] | undefined> {
  if (!(await areOk([node]))) return undefined;
  return linesOf(await redisOrder(node.url, 'CLUSTER NODES')).map((line) => {
    const [id = '', address = '', , primaryId = '', , , , , ...slots] = line.split(' ');
    return {
      id,
      port: Number(/:(\d+)/.exec(address)?.[1]),
      primaryId,
      slots: slots
        .filter((range) => !range.startsWith('['))
        .map((range) => {
          const [first, last] = range.split('-').map(Number);
          return [first ?? Number.NaN, last ?? first ?? Number.NaN] as const;
        }),
    };
  });
}

/** The lines of CLUSTER NODES, which are those that begin with the id of a node. */
function linesOf(reply: string): string[] {
  return reply.split(/\r?\n/).filter((line) => /^[0-9a-f]{40} /.test(line));
}

async function idOf({ url }: RedisServer): Promise<string> {
  const id = /[0-9a-f]{40}/.exec(await redisOrder(url, 'CLUSTER MYID'))?.[0];
  if (id === undefined) throw new Error(`${url} tells no id.`);
  return id;
}

/** Where the other nodes speak to this one; its own word counts if it was given another port. */
async function busPortOf({ url, port }: RedisServer): Promise<number> {
  const own = linesOf(await redisOrder(url, 'CLUSTER NODES')).find((line) =>
    line.includes('myself'),
  );
  return Number(/@(\d+)/.exec(own ?? '')?.[1] ?? port + busPortOffset);
}
