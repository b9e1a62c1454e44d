import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Untrusted } from '../entry-store.ts';
import { askClusterView, type ClusterView, findOwner } from './cluster-view.ts';
import { type Command, RedisConnection } from './redis-connection.ts';
import { noClusterNode } from './redis-fitness.ts';
import { RedisLink } from './redis-link.ts';
import { describeAddress, type RedisAddress, type RedisPlace } from './redis-place.ts';
import type { RedisTopology, TopologyOptions } from './redis-topology.ts';
import { Refresher } from './refresher.ts';
import { Standing, unasked } from './standing.ts';

type ClusterPlace = Extract<RedisPlace, { readonly kind: 'cluster' }>;

/** How often the nodes are asked who serves what while all answer, and while one does not. */
const calmMs = 1_000;
const troubledMs = 200;

/** Longest wait for a connection to a node that is only asked. */
const introductionMs = 500;

/**
 * The primaries of a Redis Cluster that serve our slots, over one link each.
 *
 * **Identity** is a hash of the identities of all these primaries, whoever of them serves what. So a node that
 * was restarted, replaced, or promoted in the place of another begins a new epoch, as does one that begins or ceases
 * to serve slots of ours. While one of them is unknown, so is the identity.
 *
 * **A slot that moves** between primaries that serve others of ours anyway leaves the identity as it is. That is
 * safe because a mark lies in the same slot as its entries and moves as they do, and because nothing here ever says
 * ASKING: MIGRATE takes a key from one node as it appears at the other, the old node serves what it still has
 * and answers ASK or TRYAGAIN for a step that names anything else, and the new node answers nobody but who says
 * ASKING until it owns the slot. So at no moment do two nodes answer for a mark. A node that is given a slot
 * without what it held has no mark in it. Steps on a slot that moves may fail, as in an outage.
 *
 * **Two nodes that both claim a slot**, one of them cut off: the nodes' own rule decides, the higher
 * configuration epoch. A process that hears of one claim only sees another identity than the rest, and so
 * another epoch; the trust lease keeps them apart, as with a single Redis that is split in two.
 *
 * A step that a node answers with MOVED fails, and the views are asked for anew. A demoted node answers so at once,
 * as no connection here asks to read from replicas.
 */
export class ClusterTopology implements RedisTopology {
  readonly spansSlots = false;
  readonly #place: ClusterPlace;
  readonly #options: TopologyOptions;
  readonly #standing = new Standing();
  readonly #refresher = new Refresher(
    async () => this.#refresh(),
    () => (this.identity === undefined ? troubledMs : calmMs),
  );
  /** By what describes their address. */
  #links: ReadonlyMap<string, RedisLink> = new Map();
  /** The address of each slot's primary. */
  #owners: ReadonlyMap<number, string> = new Map();
  /** Where to ask: what was told at first, and every primary that was told of last. */
  #known: ReadonlyMap<string, RedisAddress>;
  /** Why the cluster as a whole cannot be used. */
  #trouble: string | undefined = unasked;

  constructor(place: ClusterPlace, options: TopologyOptions) {
    this.#place = place;
    this.#options = options;
    this.#known = byName(place.seeds);
    this.#refresher.soon();
  }

  get identity(): string | undefined {
    return this.#standing.identity;
  }

  get problem(): string | undefined {
    return this.#standing.problem;
  }

  get isUnfit(): boolean {
    return [...this.#links.values()].some(({ isUnfit }) => isUnfit);
  }

  onIdentityChange(listener: () => void): void {
    this.#standing.onChange(listener);
  }

  async send<Reply>(
    identity: string,
    command: Command<Reply>,
    slot: number,
  ): Promise<Reply | Untrusted> {
    if (this.identity === undefined) throw new Error(this.problem);
    if (this.identity !== identity) return { state: 'untrusted', reason: 'identity' };
    const link = this.#links.get(this.#owners.get(slot) ?? '');
    if (link?.identity === undefined) throw new Error(link?.problem ?? unasked);
    return link.send(link.identity, command).catch((err: unknown) => {
      if (isElsewhere(err)) this.#refresher.soon();
      throw err;
    });
  }

  async verify(): Promise<string> {
    await this.#refresher.now();
    await Promise.all([...this.#links.values()].map(async (link) => link.verify()));
    if (this.identity === undefined) throw new Error(this.problem);
    return this.identity;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#standing.close();
    await this.#refresher[Symbol.asyncDispose]();
    await Promise.all([...this.#links.values()].map(async (link) => link[Symbol.asyncDispose]()));
  }

  async #refresh(): Promise<void> {
    const { views, problems } = await this.#askViews();
    if (views.length === 0) {
      // The links that there are know by themselves whether they can go on.
      if (this.#links.size > 0) return;
      this.#trouble = `No node of the Redis Cluster tells who serves what. ${problems.join(' ')}`;
      return this.#update();
    }
    const told = views.flatMap(({ ranges }) => ranges.map(({ owner }) => owner));
    this.#known = byName([...this.#place.seeds, ...told]);
    const owners = new Map<number, string>();
    for (const slot of this.#options.slots) {
      const owner = findOwner(views, slot);
      if (owner !== undefined) owners.set(slot, describeAddress(owner));
    }
    this.#trouble = this.#describeTrouble(views, owners);
    await this.#follow(owners);
  }

  #describeTrouble(
    views: readonly ClusterView[],
    owners: ReadonlyMap<number, string>,
  ): string | undefined {
    const unserved = this.#options.slots.find((slot) => !owners.has(slot));
    if (unserved !== undefined) return `No node of the Redis Cluster serves slot ${unserved}.`;
    if (views.some(({ isOk }) => isOk)) return undefined;
    return 'The Redis Cluster is down: its nodes say cluster_state:fail, see CLUSTER INFO.';
  }

  /** The nodes that are linked; and when one of them is in doubt, every other one that is known. */
  async #askViews(): Promise<{ views: ClusterView[]; problems: string[] }> {
    const questions = [...this.#links].map(async ([address, link]) =>
      askClusterView(async (...words) => link.ask(...words), this.#hostOf(address)),
    );
    if (this.identity === undefined) {
      const others = [...this.#known].filter(([address]) => !this.#links.has(address));
      questions.push(...others.map(async ([, address]) => this.#introduce(address)));
    }
    const answers = await Promise.allSettled(questions);
    return {
      views: answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : [])),
      problems: answers.flatMap((answer) =>
        answer.status === 'rejected' ? [describeError(answer.reason)] : [],
      ),
    };
  }

  /** Asks a node for its view over a connection for that alone. */
  async #introduce(address: RedisAddress): Promise<ClusterView> {
    const { access } = this.#place;
    const events = new EventTarget();
    let problem = unasked;
    await using connection = new RedisConnection({ ...this.#options, address, access }, (lost) => {
      problem = lost ?? problem;
      events.dispatchEvent(new Event(lost === undefined ? 'open' : 'loss'));
    });
    const name = describeAddress(address);
    const signal = AbortSignal.timeout(introductionMs);
    const outcome = await Promise.race([
      once(events, 'open', { signal }).then(
        () => 'open',
        () => 'late',
      ),
      once(events, 'loss', { signal }).then(
        () => 'loss',
        () => 'late',
      ),
    ]);
    if (outcome !== 'open') throw new Error(`Node ${name}: ${problem}`);
    try {
      const ask = async (...words: string[]) => connection.inTime(connection.ask(...words));
      return await askClusterView(ask, address.host);
    } catch (err) {
      const reason = describeError(err);
      const isAlone = reason.includes('cluster support disabled');
      throw new Error(`Node ${name}: ${isAlone ? noClusterNode : reason}`, { cause: err });
    }
  }

  /** Makes a link to each owner, and throws away those to whom nothing is sent any more. */
  async #follow(owners: ReadonlyMap<number, string>): Promise<void> {
    const before = this.#links;
    const links = new Map<string, RedisLink>();
    for (const address of new Set(owners.values())) {
      links.set(address, before.get(address) ?? this.#link(address));
    }
    this.#links = links;
    this.#owners = owners;
    this.#update();
    const unused = [...before].filter(([address]) => !links.has(address));
    await Promise.all(unused.map(async ([, link]) => link[Symbol.asyncDispose]()));
  }

  #link(address: string): RedisLink {
    const { access } = this.#place;
    const known = this.#known.get(address);
    if (known === undefined) throw new Error(`Nobody told of ${address}.`);
    const link = new RedisLink({ ...this.#options, address: known, access, mode: 'cluster' });
    link.onIdentityChange(() => {
      if (link.identity === undefined) this.#refresher.soon();
      this.#update();
    });
    return link;
  }

  #update(): void {
    const problem = this.#trouble ?? this.#linkProblem;
    if (problem !== undefined) return this.#standing.set(undefined, problem);
    const identities = [...this.#links.values()].map(({ identity }) => identity ?? '');
    const hash = createHash('sha256').update(identities.toSorted().join('\n'));
    this.#standing.set(`cluster/${hash.digest('hex').slice(0, 40)}`, undefined);
  }

  get #linkProblem(): string | undefined {
    for (const [address, { identity, problem = unasked }] of this.#links) {
      if (identity !== undefined) continue;
      return problem === unasked ? unasked : `Node ${address}: ${problem}`;
    }
    return undefined;
  }

  #hostOf(address: string): string {
    return this.#known.get(address)?.host ?? '';
  }
}

function byName(addresses: readonly RedisAddress[]): Map<string, RedisAddress> {
  return new Map(addresses.map((address) => [describeAddress(address), address]));
}

/** What a node answers that does not, or not wholly, serve the slot; an outage, and a reason to look again. */
function isElsewhere(err: unknown): boolean {
  return err instanceof Error && /^(MOVED|ASK|TRYAGAIN|CLUSTERDOWN) /.test(err.message);
}

function describeError(err: unknown): string {
  return err instanceof Error ? err.message : String(err);
}
