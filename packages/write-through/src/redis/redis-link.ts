import { createClient, RESP_TYPES } from 'redis';
import type { Untrusted } from '../entry-store.ts';
import { type Fitness, readFitness } from './redis-fitness.ts';
import { scripts } from './scripts.ts';

export interface RedisLinkOptions {
  /** `redis://` or `rediss://`. */
  readonly url: string;
  /** Longest wait for one answer; longer than any healthy round trip, shorter than a caller's patience. */
  readonly commandTimeoutMs?: number;
  readonly clientName?: string;
}

/** How often a living connection is asked who answers it: an instance may be demoted or mended over it. */
const recheckMs = 1_000;

/**
 * One connection to one Redis that counts only while it is known who answers.
 *
 * It asks INFO for the instance's identity and fitness after every connect, after any command that was not
 * answered in time or in a way that a demoted or stalled instance answers, and every second. While the answer
 * is not there, nothing else is sent. A reply counts only if the connection it came over is still the one
 * that was checked when the command was sent.
 */
export class RedisLink implements AsyncDisposable {
  readonly #client: Client;
  readonly #commandTimeoutMs: number;
  readonly #listeners: (() => void)[] = [];
  #identity: string | undefined;
  #problem: string | undefined = unasked;
  #isUnfit = false;
  /** Grows with every connect and every loss. */
  #generation = 0;
  #checking = -1;
  readonly #rechecks: NodeJS.Timeout;

  constructor({ url, commandTimeoutMs = 250, clientName = 'throughline' }: RedisLinkOptions) {
    this.#commandTimeoutMs = commandTimeoutMs;
    this.#client = newClient(url, clientName);
    this.#client.on('ready', () => {
      this.#reset(unasked);
      this.#check(this.#generation);
    });
    this.#client.on('error', (err: Error) => {
      this.#reset(`Redis cannot be reached: ${err.message}`);
      if (this.#client.isReady) this.#check(this.#generation);
    });
    this.#client.on('end', () => this.#reset('The connection to Redis was closed.'));
    this.#rechecks = setInterval(() => {
      if (this.#client.isReady) this.#check(this.#generation);
    }, recheckMs).unref();
    // Never rejects while the reconnect strategy goes on; failures come as 'error' events.
    this.#client
      .connect()
      .catch((err: unknown) => this.#reset(`Redis cannot be reached: ${String(err)}`));
  }

  /** Run id, replication id and role of the instance that answers; undefined while unknown or unfit. */
  get identity(): string | undefined {
    return this.#identity;
  }

  /** Why `identity` is undefined, for a person. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Whether an instance answers that must not hold entries. */
  get isUnfit(): boolean {
    return this.#isUnfit;
  }

  /** Called when `identity` changes, and when another problem keeps it undefined. */
  onIdentityChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Sends to that instance only. Throws when it cannot be reached or does not answer in time. */
  async send<Reply>(
    identity: string,
    command: (client: Client) => Promise<Reply>,
  ): Promise<Reply | Untrusted> {
    if (this.#identity === undefined) throw new Error(this.#problem);
    if (this.#identity !== identity) return { state: 'untrusted', reason: 'identity' };
    const generation = this.#generation;
    const reply = await this.#inTime(command(this.#client)).catch((err: unknown) => {
      if (generation === this.#generation && isDoubtful(err)) this.#doubt();
      throw err;
    });
    return generation === this.#generation ? reply : { state: 'untrusted', reason: 'identity' };
  }

  /** Asks anew who answers. Throws when nobody fit does in time. */
  async verify(): Promise<string> {
    await this.#inTime(this.#ask(this.#generation));
    if (this.#identity === undefined) throw new Error(this.#problem);
    return this.#identity;
  }

  /** Nobody is told of a loss that is meant. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listeners.length = 0;
    clearInterval(this.#rechecks);
    if (this.#client.isOpen) this.#client.destroy();
  }

  async #inTime<Reply>(reply: Promise<Reply>): Promise<Reply> {
    const timeout = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      timeout.reject(new RedisTimeoutError(this.#commandTimeoutMs));
    }, this.#commandTimeoutMs);
    try {
      return await Promise.race([reply, timeout.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The connection may be stalled or the instance demoted: nothing more is sent before INFO is answered. */
  #doubt(): void {
    if (this.#identity === undefined) return;
    this.#change(undefined, 'Redis did not answer as the primary that it was.');
    this.#check(this.#generation);
  }

  #reset(problem: string): void {
    this.#generation += 1;
    this.#change(undefined, problem);
  }

  #check(generation: number): void {
    if (this.#checking === generation) return;
    this.#checking = generation;
    void this.#ask(generation).finally(() => {
      if (this.#checking === generation) this.#checking = -1;
    });
  }

  async #ask(generation: number): Promise<void> {
    let fitness: Fitness;
    try {
      fitness = readFitness(await this.#client.sendCommand<string>(infoCommand));
    } catch (err) {
      if (generation === this.#generation) {
        this.#change(undefined, `Redis does not answer INFO: ${String(err)}`);
      }
      return;
    }
    // Whatever replaced this connection meanwhile is checked by itself.
    if (generation !== this.#generation) return;
    this.#isUnfit = !fitness.fit;
    if (fitness.fit) this.#change(fitness.identity, undefined);
    else this.#change(undefined, fitness.reason);
  }

  #change(identity: string | undefined, problem: string | undefined): void {
    const isNews =
      identity !== this.#identity || (problem !== this.#problem && problem !== unasked);
    this.#identity = identity;
    this.#problem = problem;
    if (isNews) for (const listener of this.#listeners) listener();
  }
}

class RedisTimeoutError extends Error {
  constructor(timeoutMs: number) {
    super(`Redis did not answer within ${timeoutMs} ms.`);
  }
}

/** What an instance answers, or does not, that may no longer be the primary it was. */
function isDoubtful(err: unknown): boolean {
  if (err instanceof RedisTimeoutError) return true;
  return err instanceof Error && /^(READONLY|LOADING|MASTERDOWN|BUSY) /.test(err.message);
}

const unasked = 'Redis was not yet asked who it is.';
const infoCommand = ['INFO', 'server', 'replication', 'memory'];

export type Client = ReturnType<typeof newClient>;

function newClient(url: string, name: string) {
  return createClient({
    url,
    name,
    scripts,
    // A command that waits for a reconnect might reach another instance than the one that was checked.
    disableOfflineQueue: true,
    maintNotifications: 'disabled',
    commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
    // A connection that stays silent although it is asked twice in that time is closed and made anew.
    pingInterval: 2_000,
    socket: {
      connectTimeout: 2_000,
      socketTimeout: 5_000,
      reconnectStrategy: (retries) =>
        Math.min(1_000, 25 * 2 ** retries) * (0.5 + Math.random() / 2),
    },
  });
}
