import type { Untrusted } from '../entry-store.ts';
import {
  type Command,
  type ConnectionOptions,
  RedisConnection,
  RedisTimeoutError,
} from './redis-connection.ts';
import { type Fitness, readFitness, type RedisMode } from './redis-fitness.ts';
import { findMissingRight } from './redis-rights.ts';
import type { RedisTopology } from './redis-topology.ts';
import { Standing, unasked } from './standing.ts';

export interface RedisLinkOptions extends ConnectionOptions {
  readonly mode: RedisMode;
  readonly probeKey: string;
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
 *
 * Once per connection, and as long as something is missing, it tries out whether the user may do all that
 * entries need: else the first writer would find out, and be the only one.
 */
export class RedisLink implements RedisTopology {
  readonly spansSlots = true;
  readonly #connection: RedisConnection;
  readonly #options: RedisLinkOptions;
  readonly #standing = new Standing();
  #isUnfit = false;
  #checking = -1;
  /** The connection over which the user was seen to have every right. */
  #entitled = -1;
  readonly #rechecks: NodeJS.Timeout;

  constructor(options: RedisLinkOptions) {
    this.#options = options;
    this.#connection = new RedisConnection(options, (problem = unasked) => {
      this.#standing.set(undefined, problem);
      this.#check();
    });
    this.#rechecks = setInterval(() => this.#check(), recheckMs).unref();
  }

  /** Run id, replication id and role of the instance that answers; undefined while unknown or unfit. */
  get identity(): string | undefined {
    return this.#standing.identity;
  }

  get problem(): string | undefined {
    return this.#standing.problem;
  }

  get isUnfit(): boolean {
    return this.#isUnfit;
  }

  onIdentityChange(listener: () => void): void {
    this.#standing.onChange(listener);
  }

  async send<Reply>(identity: string, command: Command<Reply>): Promise<Reply | Untrusted> {
    if (this.identity === undefined) throw new Error(this.problem);
    if (this.identity !== identity) return { state: 'untrusted', reason: 'identity' };
    const { generation } = this.#connection;
    const reply = await this.#connection.send(command).catch((err: unknown) => {
      if (generation === this.#connection.generation) this.#doubtAfter(err);
      throw err;
    });
    return generation === this.#connection.generation
      ? reply
      : { state: 'untrusted', reason: 'identity' };
  }

  /** What whoever answers says to this in time, fit or not. */
  async ask(...words: readonly string[]): Promise<unknown> {
    return this.#connection.inTime(this.#connection.ask(...words));
  }

  async verify(): Promise<string> {
    await this.#connection.inTime(this.#ask());
    if (this.identity === undefined) throw new Error(this.problem);
    return this.identity;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#standing.close();
    clearInterval(this.#rechecks);
    await this.#connection[Symbol.asyncDispose]();
  }

  /** The connection may be stalled or the instance demoted: nothing more is sent before INFO is answered. */
  #doubtAfter(err: unknown): void {
    if (isRefusal(err)) this.#entitled = -1;
    else if (!isDoubtful(err)) return;
    if (this.identity === undefined) return;
    this.#standing.set(undefined, 'Redis did not answer as the primary that it was.');
    this.#check();
  }

  #check(): void {
    const { generation, isOpen } = this.#connection;
    if (!isOpen || this.#checking === generation) return;
    this.#checking = generation;
    void this.#ask().finally(() => {
      if (this.#checking === generation) this.#checking = -1;
    });
  }

  async #ask(): Promise<void> {
    const { generation } = this.#connection;
    const fitness = await this.#judge(generation).catch(
      (err: unknown) => `Redis does not answer INFO: ${String(err)}`,
    );
    // Whatever replaced this connection meanwhile is checked by itself.
    if (generation !== this.#connection.generation) return;
    if (typeof fitness === 'string') return this.#standing.set(undefined, fitness);
    this.#isUnfit = !fitness.fit;
    if (fitness.fit) this.#standing.set(fitness.identity, undefined);
    else this.#standing.set(undefined, fitness.reason);
  }

  async #judge(generation: number): Promise<Fitness> {
    const { mode, probeKey } = this.#options;
    const info = await this.#connection.ask('INFO', 'server', 'replication', 'memory');
    const fitness = readFitness(String(info), mode);
    if (!fitness.fit || this.#entitled === generation) return fitness;
    const missing = await findMissingRight(this.#connection, probeKey);
    if (missing !== undefined) return { fit: false, reason: missing };
    this.#entitled = generation;
    return fitness;
  }
}

/** What an instance answers, or does not, that may no longer be the primary it was. */
function isDoubtful(err: unknown): boolean {
  if (err instanceof RedisTimeoutError) return true;
  return err instanceof Error && /^(READONLY|LOADING|MASTERDOWN|BUSY) /.test(err.message);
}

/** What an instance answers that took a right from its user. */
function isRefusal(err: unknown): boolean {
  return err instanceof Error && /^(NOPERM|NOAUTH) |user executing the script/.test(err.message);
}
