import type { ConnectionSettings } from './connection-settings.ts';
import { keySlot } from './key-slot.ts';
import { parseRedisLocation, type RedisLocation } from './redis-place.ts';
import { openTopology, type RedisTopology } from './redis-topology.ts';

export type RedisEvaluatorOptions = RedisLocation &
  ConnectionSettings & {
    /** What every key begins with; a hash tag in it keeps them on one node of a cluster. */
    readonly prefix: string;
  };

/**
 * Runs scripts for others than the cache where its entries are, over connections of its own. Whoever uses it is never held
 * up by a Redis that is away: it is asked nothing until it is there again.
 */
export class RedisEvaluator implements AsyncDisposable {
  readonly #topology: RedisTopology;
  readonly #slot: number;

  constructor({ prefix, ...options }: RedisEvaluatorOptions) {
    this.#slot = keySlot(prefix);
    this.#topology = openTopology(parseRedisLocation(options), {
      ...options,
      slots: [this.#slot],
      probeKey: `${prefix}:probe`,
    });
  }

  get isReady(): boolean {
    return this.#topology.identity !== undefined;
  }

  /** Throws at once while Redis cannot be used, and when it does not answer in time or refuses. */
  async eval(
    script: string,
    parameters: { readonly keys: string[]; readonly arguments: string[] },
  ): Promise<unknown> {
    const { identity, problem } = this.#topology;
    if (identity === undefined) throw new Error(problem);
    const command = {
      name: 'EVALSHA' as const,
      run: async (client: { eval: EvalOf }) => client.eval(script, parameters),
    };
    const reply = await this.#topology.send(identity, command, this.#slot);
    if (isUntrusted(reply)) throw new Error('Redis is another than the one that was asked.');
    return reply;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#topology[Symbol.asyncDispose]();
  }
}

type EvalOf = (
  script: string,
  parameters: { readonly keys: string[]; readonly arguments: string[] },
) => Promise<unknown>;

function isUntrusted(reply: unknown): boolean {
  return typeof reply === 'object' && reply !== null && 'state' in reply;
}
