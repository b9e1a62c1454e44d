import { RedisSentinels, type RedisServer } from '@throughline/local-stack';
import { setTimeout as delay } from 'node:timers/promises';
import { atRedis, type Store } from './store.ts';

/** A demoted primary that returns is told of its new role within about ten seconds. */
const healedMaxMs = 60_000;

/** A primary with two replicas and three Sentinels, which tell the service where it is: no proxy is in between. */
export class SentinelStore implements Store {
  readonly sentinels: RedisSentinels;

  private constructor(sentinels: RedisSentinels) {
    this.sentinels = sentinels;
  }

  static async open(): Promise<SentinelStore> {
    return new SentinelStore(await RedisSentinels.start());
  }

  environment(): Readonly<Record<string, string>> {
    return { REDIS_URL: this.sentinels.url };
  }

  async primaries(): Promise<readonly RedisServer[]> {
    return [await this.sentinels.primary()];
  }

  /** Until the primary of now has a replica that could follow it. */
  async heal(): Promise<void> {
    const { servers, sentinels } = this.sentinels;
    for (const server of [...servers, ...sentinels]) await server.resume();
    const endMs = performance.now() + healedMaxMs;
    while (!(await this.#canFailOver())) {
      if (performance.now() > endMs) throw new Error('No replica follows the primary.');
      await delay(200);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sentinels[Symbol.asyncDispose]();
  }

  async #canFailOver(): Promise<boolean> {
    try {
      const primary = await this.sentinels.primary();
      const info = await atRedis(primary, async (client) => client.info('replication'));
      return info.includes('role:master') && /slave\d+:.*state=online/.test(info);
    } catch {
      return false;
    }
  }
}
