import { createClient, RESP_TYPES } from 'redis';
import { inTime } from '../in-time.ts';
import type { ConnectionSettings } from './connection-settings.ts';
import type { RedisAccess, RedisAddress } from './redis-place.ts';
import { scripts } from './scripts.ts';

export interface ConnectionOptions extends ConnectionSettings {
  readonly address: RedisAddress;
  readonly access: RedisAccess;
  readonly database?: number;
}

/** What is sent to Redis. `EVALSHA` is followed by EVAL where the script is not known. */
export interface Command<Reply> {
  readonly name: 'MGET' | 'EVALSHA';
  run(client: Client): Promise<Reply>;
}

export type Client = ReturnType<typeof newClient>;

/**
 * One connection to one server, made again whenever it is lost. Who answers at its other end is not known here:
 * every time that may have changed, its `generation` grows and its owner is told.
 */
export class RedisConnection implements AsyncDisposable {
  readonly #client: Client;
  readonly #commandTimeoutMs: number;
  readonly #onCommand: ConnectionSettings['onCommand'];
  #generation = 0;

  /** `onReset` gets the reason of a loss, and nothing when the connection was just made. */
  constructor(options: ConnectionOptions, onReset: (problem?: string) => void) {
    const { commandTimeoutMs = 250 } = options;
    this.#commandTimeoutMs = commandTimeoutMs;
    this.#onCommand = options.onCommand;
    this.#client = newClient(options);
    const reset = (problem?: string) => {
      this.#generation += 1;
      onReset(problem);
    };
    this.#client.on('ready', () => reset());
    this.#client.on('error', (err: Error) => reset(`Redis cannot be reached: ${err.message}`));
    this.#client.on('end', () => reset('The connection to Redis was closed.'));
    // Never rejects while the reconnect strategy goes on; failures come as 'error' events.
    this.#client
      .connect()
      .catch((err: unknown) => reset(`Redis cannot be reached: ${String(err)}`));
  }

  /** Grows with every connect and every loss. */
  get generation(): number {
    return this.#generation;
  }

  get isOpen(): boolean {
    return this.#client.isReady;
  }

  /** Throws when the server cannot be reached or does not answer in time. */
  async send<Reply>(command: Command<Reply>): Promise<Reply> {
    return this.inTime(this.#timed(command.name, async () => command.run(this.#client)));
  }

  /** A command in words. Its answer is waited for as long as the connection lives. */
  async ask(...words: readonly string[]): Promise<unknown> {
    return this.#timed(String(words[0]), async () => this.#client.sendCommand<unknown>([...words]));
  }

  /** Throws when it is not there in time. */
  async inTime<Reply>(reply: Promise<Reply>): Promise<Reply> {
    const limitMs = this.#commandTimeoutMs;
    return inTime(reply, limitMs, () => new RedisTimeoutError(limitMs));
  }

  /** Until the answer, however long that takes: who gives up waiting has not shortened it. */
  async #timed<Reply>(name: string, send: () => Promise<Reply>): Promise<Reply> {
    if (this.#onCommand === undefined) return send();
    const beganMs = performance.now();
    try {
      const reply = await send();
      this.#onCommand(name, performance.now() - beganMs, 'ok');
      return reply;
    } catch (err) {
      this.#onCommand(name, performance.now() - beganMs, 'error');
      throw err;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#client.isOpen) this.#client.destroy();
  }
}

export class RedisTimeoutError extends Error {
  constructor(timeoutMs: number) {
    super(`Redis did not answer within ${timeoutMs} ms.`);
  }
}

function newClient({ address, access, database, clientName = 'throughline' }: ConnectionOptions) {
  const { tls, ...credentials } = access;
  const socket = {
    ...address,
    connectTimeout: 2_000,
    socketTimeout: 5_000,
    reconnectStrategy: (retries: number) =>
      Math.min(1_000, 25 * 2 ** retries) * (0.5 + Math.random() / 2),
  };
  return createClient({
    ...credentials,
    ...(database === undefined ? {} : { database }),
    name: clientName,
    // Its name is enough to be known by, and a user needs one right less.
    disableClientInfo: true,
    scripts,
    // A command that waits for a reconnect might reach another instance than the one that was checked.
    disableOfflineQueue: true,
    maintNotifications: 'disabled',
    commandOptions: {
      typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer },
      // The client's own limit is a timer that runs on after the answer, and holds the request that asked for all its five seconds.
      timeout: 0,
    },
    // A connection that stays silent although it is asked twice in that time is closed and made anew.
    pingInterval: 2_000,
    socket: tls ? { ...socket, tls: true } : socket,
  });
}
