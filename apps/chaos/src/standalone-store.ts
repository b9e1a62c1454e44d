import { RedisServer } from '@throughline/local-stack';
import { setTimeout as delay } from 'node:timers/promises';
import { FaultProxy } from './fault-proxy.ts';
import type { Random } from './random.ts';
import { atRedis, replicate, type Store, type StoreOptions } from './store.ts';

/** A primary does not wait for more replicas before it sends its copy to the first. */
const syncingAtOnce = ['--repl-diskless-sync-delay', '0'];
const syncMaxMs = 30_000;

/** One Redis, which each service process reaches through a proxy of its own. */
export class StandaloneStore implements Store {
  /** By the number of the process. */
  readonly links: readonly FaultProxy[];
  #redis: RedisServer;

  private constructor(redis: RedisServer, links: readonly FaultProxy[]) {
    this.#redis = redis;
    this.links = links;
  }

  static async open({ random, servers }: StoreOptions): Promise<StandaloneStore> {
    const redis = await RedisServer.start({ arguments: syncingAtOnce });
    const links: FaultProxy[] = [];
    for (let index = 0; index < servers; index += 1) {
      links.push(await FaultProxy.open(redis.port, random.fork()));
    }
    return new StandaloneStore(redis, links);
  }

  /** The Redis that the service should use now. */
  get redis(): RedisServer {
    return this.#redis;
  }

  environment(index: number): Readonly<Record<string, string>> {
    return { REDIS_URL: `redis://127.0.0.1:${this.links[index]?.port}` };
  }

  async primaries(): Promise<readonly RedisServer[]> {
    return [this.#redis];
  }

  /** Promotes a replica that has not heard of the newest writes; `left` go on talking to the old primary. */
  async failOver(random: Random, { left, forMs }: FailOver): Promise<void> {
    const old = this.#redis;
    await using link = await FaultProxy.open(old.port, random);
    // Told and not configured: promoted and restarted, it is still a primary.
    const replica = await RedisServer.start({ arguments: syncingAtOnce });
    await replicate(replica, '127.0.0.1', `${link.port}`);
    await untilInSync(replica);
    link.set('swallow');
    await delay(500);
    if (left.length === 0) await old.kill();
    await replicate(replica, 'NO', 'ONE');
    this.#redis = replica;
    for (const each of this.links) if (!left.includes(each)) each.redirect(replica.port);
    await delay(forMs);
    for (const each of left) each.redirect(replica.port);
    await old[Symbol.asyncDispose]();
  }

  async heal(): Promise<void> {
    await this.#redis.resume().catch(() => undefined);
    for (const link of this.links) link.heal();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const link of this.links) await link[Symbol.asyncDispose]();
    await this.#redis[Symbol.asyncDispose]();
  }
}

interface FailOver {
  readonly left: readonly FaultProxy[];
  readonly forMs: number;
}

async function untilInSync(replica: RedisServer): Promise<void> {
  const endMs = performance.now() + syncMaxMs;
  while (performance.now() < endMs) {
    const info = await atRedis(replica, async (client) => client.info('replication'));
    if (info.includes('master_link_status:up')) return;
    await delay(50);
  }
  throw new Error('The replica did not come in sync.');
}
