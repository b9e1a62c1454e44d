import { pollUntil } from './poll-until.ts';
import { redisCommand, redisOrder } from './redis-command.ts';
import { type RedisCertificate, RedisServer } from './redis-server.ts';

export interface RedisSentinelsOptions {
  /** the name of what they watch */
  readonly name?: string;
  readonly replicas?: number;
  readonly sentinels?: number;
  /** after so long without an answer the primary counts as down */
  readonly downAfterMs?: number;
  /** clients may speak TLS, and the servers and Sentinels do */
  readonly tls?: RedisCertificate;
  /** more arguments for the primary and its replicas */
  readonly arguments?: readonly string[];
}

/**
 * A primary with replicas, and the Sentinels that watch them, on free ports of 127.0.0.1. Each is a
 * {@link RedisServer} that a test may kill, pause, resume and restart. They end when this process does.
 */
export class RedisSentinels implements AsyncDisposable {
  readonly name: string;
  /** the first primary, and its first replicas */
  readonly servers: readonly RedisServer[];
  readonly sentinels: readonly RedisServer[];
  readonly #tls: RedisCertificate | undefined;
  readonly #started: AsyncDisposableStack;

  private constructor(parts: {
    name: string;
    tls: RedisCertificate | undefined;
    servers: readonly RedisServer[];
    sentinels: readonly RedisServer[];
    started: AsyncDisposableStack;
  }) {
    this.name = parts.name;
    this.servers = parts.servers;
    this.sentinels = parts.sentinels;
    this.#tls = parts.tls;
    this.#started = parts.started;
  }

  /** Resolves when the replicas have their copy and the Sentinels know them and one another. */
  static async start(options: RedisSentinelsOptions = {}): Promise<RedisSentinels> {
    const { name = 'mymaster', replicas = 2, sentinels: count = 3 } = options;
    await using starting = new AsyncDisposableStack();
    const tls = options.tls === undefined ? {} : { tls: options.tls };
    const more = ['--repl-diskless-sync-delay', '0', ...(options.arguments ?? [])];
    const primary = starting.use(await RedisServer.start({ ...tls, arguments: more }));
    const port = portOf(primary, options.tls);
    const servers = [primary];
    const sentinels: RedisServer[] = [];
    for (let index = 0; index < replicas; index += 1) {
      const replicaOf = ['--replicaof', `127.0.0.1 ${String(port)}`];
      const replica = await RedisServer.start({ ...tls, arguments: [...more, ...replicaOf] });
      servers.push(starting.use(replica));
    }
    await pollUntil('every replica has its copy', async () => areInStep(servers.slice(1)));
    for (let index = 0; index < count; index += 1) {
      sentinels.push(starting.use(await RedisServer.start({ ...tls, sentinel: true })));
    }
    for (const { url } of sentinels) await watch(url, { ...options, name, count, port });
    const started = new RedisSentinels({
      name,
      tls: options.tls,
      servers,
      sentinels,
      started: starting.move(),
    });
    await started.settled().catch(async (error: unknown) => {
      await started[Symbol.asyncDispose]();
      throw error;
    });
    return started;
  }

  /** What a service is configured with: all Sentinels, and the name. */
  get url(): string {
    const hosts = this.sentinels.map(
      (sentinel) => `127.0.0.1:${String(portOf(sentinel, this.#tls))}`,
    );
    return `${this.#tls === undefined ? 'redis' : 'rediss'}://${hosts.join(',')}/${this.name}`;
  }

  /** The primary of now, as the first Sentinel sees it that answers. */
  async primary(): Promise<RedisServer> {
    for (const { url } of this.sentinels) {
      const reply = await redisCommand(url, `SENTINEL GET-MASTER-ADDR-BY-NAME ${this.name}`).catch(
        () => '',
      );
      const port = Number(/\r\n(\d+)\r\n$/.exec(reply)?.[1]);
      const primary = this.servers.find((server) => portOf(server, this.#tls) === port);
      if (primary !== undefined) return primary;
    }
    throw new Error('No Sentinel names a primary.');
  }

  /** Tells a Sentinel to make a replica the primary at once; resolves to it when it is. */
  async failover(): Promise<RedisServer> {
    const before = await this.primary();
    const [first] = this.sentinels;
    if (first === undefined) throw new Error('There is no Sentinel.');
    await redisOrder(first.url, `SENTINEL FAILOVER ${this.name}`);
    return this.promoted(before);
  }

  /** Resolves to the primary that follows this one, when it has that role. */
  async promoted(before: RedisServer): Promise<RedisServer> {
    await pollUntil('a replica is promoted', async () => {
      const primary = await this.primary();
      if (primary === before) return false;
      return (await redisCommand(primary.url, 'INFO replication')).includes('role:master');
    });
    return this.primary();
  }

  /** Resolves when all Sentinels see all servers and one another. */
  async settled(): Promise<void> {
    const [others, replicas] = [this.sentinels.length - 1, this.servers.length - 1];
    await pollUntil('the Sentinels see each other and all replicas', async () => {
      const views = await Promise.all(
        this.sentinels.map(async ({ url }) => redisOrder(url, `SENTINEL MASTER ${this.name}`)),
      );
      return views.every(
        (view) =>
          fieldOf(view, 'num-other-sentinels') === others &&
          fieldOf(view, 'num-slaves') === replicas,
      );
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#started.disposeAsync();
  }
}

/** The port that is told to others. */
function portOf(server: RedisServer, tls: RedisCertificate | undefined): number {
  return tls === undefined ? server.port : server.tlsPort;
}

interface Watch extends RedisSentinelsOptions {
  readonly name: string;
  readonly count: number;
  readonly port: number;
}

async function watch(sentinelUrl: string, options: Watch): Promise<void> {
  const { name, port, count, downAfterMs = 1_500 } = options;
  const quorum = Math.floor(count / 2) + 1;
  await redisOrder(
    sentinelUrl,
    `SENTINEL MONITOR ${name} 127.0.0.1 ${String(port)} ${String(quorum)}`,
  );
  const settings = {
    'down-after-milliseconds': downAfterMs,
    'failover-timeout': 5_000,
    'parallel-syncs': 2,
  };
  for (const [setting, value] of Object.entries(settings)) {
    await redisOrder(sentinelUrl, `SENTINEL SET ${name} ${setting} ${String(value)}`);
  }
}

async function areInStep(replicas: readonly RedisServer[]): Promise<boolean> {
  const links = await Promise.all(
    replicas.map(async ({ url }) => redisOrder(url, 'INFO replication')),
  );
  return links.every((link) => link.includes('master_link_status:up'));
}

/** A number in an answer that lists names and values one after the other. */
function fieldOf(reply: string, name: string): number {
  return Number(new RegExp(`\\r\\n${name}\\r\\n\\$\\d+\\r\\n(\\d+)\\r\\n`).exec(reply)?.[1]);
}
