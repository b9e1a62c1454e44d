import { createClient } from 'redis';

/** Evicts entries as Redis does when its memory is full: those that have a life, never a pending one. */
export class Evictor implements AsyncDisposable {
  readonly #client;
  readonly #prefix: string;

  constructor(url: string, prefix: string) {
    this.#prefix = prefix;
    const client = createClient({ url });
    client.on('error', () => undefined);
    this.#client = client.connect();
  }

  /** The entry of this key, in whatever epoch. */
  async evict(key: string): Promise<void> {
    const client = await this.#client;
    for (const name of await client.keys(`${this.#prefix}:*:${key}`)) {
      await client.eval(
        `if redis.call('PTTL', KEYS[1]) > 0 then return redis.call('DEL', KEYS[1]) end return 0`,
        { keys: [name] },
      );
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    (await this.#client).destroy();
  }
}
