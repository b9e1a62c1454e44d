import type { Untrusted } from '../entry-store.ts';
import { type Command, RedisConnection } from './redis-connection.ts';
import { RedisLink } from './redis-link.ts';
import { describeAddress, type RedisAddress, type RedisPlace } from './redis-place.ts';
import type { RedisTopology, TopologyOptions } from './redis-topology.ts';
import { Refresher } from './refresher.ts';
import { Standing } from './standing.ts';

type SentinelPlace = Extract<RedisPlace, { readonly kind: 'sentinel' }>;

/** How often the Sentinels are asked while the primary answers, and while it does not. */
const calmMs = 1_000;
const troubledMs = 200;

/**
 * The primary that the Sentinels name, over one link at a time.
 *
 * All Sentinels are asked, every second and at once when the link is lost; the address that most of those name who
 * answer is the primary's, so that one who is cut off with the old primary does not decide. The link to an
 * address is thrown away when another one is named, with every reply that is still under way. Being named is
 * not enough: the link finds out by itself who answers, and uses nobody whose role is not primary. Where
 * processes believe different Sentinels for a while, they see different identities, and so the epoch keeps them apart.
 *
 * Without any Sentinel, the link that is there goes on: who answers over it is known.
 */
export class SentinelTopology implements RedisTopology {
  readonly spansSlots = true;
  readonly #place: SentinelPlace;
  readonly #options: TopologyOptions;
  readonly #sentinels: readonly Sentinel[];
  readonly #standing = new Standing();
  readonly #refresher = new Refresher(
    async () => this.#refresh(),
    () => (this.identity === undefined ? troubledMs : calmMs),
  );
  #primary: { readonly address: RedisAddress; readonly link: RedisLink } | undefined;

  constructor(place: SentinelPlace, options: TopologyOptions) {
    this.#place = place;
    this.#options = options;
    this.#sentinels = place.sentinels.map(
      (address) => new Sentinel(place, address, options, () => this.#refresher.soon()),
    );
    this.#refresher.soon();
  }

  get identity(): string | undefined {
    return this.#standing.identity;
  }

  get problem(): string | undefined {
    return this.#standing.problem;
  }

  get isUnfit(): boolean {
    return this.#primary?.link.isUnfit === true;
  }

  onIdentityChange(listener: () => void): void {
    this.#standing.onChange(listener);
  }

  async send<Reply>(identity: string, command: Command<Reply>): Promise<Reply | Untrusted> {
    if (this.#primary === undefined) throw new Error(this.problem);
    return this.#primary.link.send(identity, command);
  }

  async verify(): Promise<string> {
    await this.#refresher.now();
    if (this.#primary === undefined) throw new Error(this.problem);
    return this.#primary.link.verify();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#standing.close();
    await this.#refresher[Symbol.asyncDispose]();
    for (const sentinel of this.#sentinels) await sentinel[Symbol.asyncDispose]();
    await this.#primary?.link[Symbol.asyncDispose]();
  }

  async #refresh(): Promise<void> {
    const answers = await Promise.all(this.#sentinels.map(async (sentinel) => sentinel.ask()));
    const named = mostNamed(answers.filter((answer) => typeof answer === 'object'));
    if (named !== undefined) return this.#follow(named);
    if (this.#primary !== undefined) return;
    const reasons = answers.map(String).join(' ');
    this.#standing.set(undefined, `No Sentinel names a primary ${this.#place.name}. ${reasons}`);
  }

  async #follow(address: RedisAddress): Promise<void> {
    const before = this.#primary;
    if (before?.address.host === address.host && before.address.port === address.port) return;
    const { access } = this.#place;
    const link = new RedisLink({ ...this.#options, address, access, mode: 'standalone' });
    this.#primary = { address, link };
    link.onIdentityChange(() => {
      if (link.identity === undefined) this.#refresher.soon();
      this.#standing.set(link.identity, link.problem);
    });
    this.#standing.set(link.identity, link.problem);
    await before?.link[Symbol.asyncDispose]();
  }
}

const noSentinel =
  'It is no Sentinel; of one Redis, the path of its url (REDIS_URL) is the number of a database, or nothing.';

/** A connection to one Sentinel. */
class Sentinel implements AsyncDisposable {
  readonly #name: string;
  readonly #address: RedisAddress;
  readonly #connection: RedisConnection;
  #problem = 'It has not answered yet.';

  constructor(
    { name, sentinelAccess: access }: SentinelPlace,
    address: RedisAddress,
    options: TopologyOptions,
    onOpen: () => void,
  ) {
    this.#name = name;
    this.#address = address;
    this.#connection = new RedisConnection({ ...options, address, access }, (problem) => {
      if (problem === undefined) onOpen();
      else this.#problem = problem;
    });
  }

  /** Where the primary is, or why it does not say. */
  async ask(): Promise<RedisAddress | string> {
    const who = `Sentinel ${describeAddress(this.#address)}:`;
    if (!this.#connection.isOpen) return `${who} ${this.#problem}`;
    try {
      const question = ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', this.#name];
      const answer = await this.#connection.inTime(this.#connection.ask(...question));
      if (!Array.isArray(answer)) return `${who} It knows none of that name.`;
      const [host, port] = answer.map(String);
      return { host: host ?? '', port: Number(port) };
    } catch (err) {
      const reason = err instanceof Error ? err.message : String(err);
      return `${who} ${/unknown command/i.test(reason) ? noSentinel : reason}`;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }
}

function mostNamed(addresses: readonly RedisAddress[]): RedisAddress | undefined {
  const votes = [...Map.groupBy(addresses, describeAddress).values()];
  return votes.toSorted((one, other) => other.length - one.length)[0]?.[0];
}
