import type { Metrics } from '@throughline/telemetry';
import { Socket } from 'node:net';
import { parseArgs } from 'node:util';
import type { PortlessEndpoint } from './http-endpoint.ts';
import { limits } from './limits.ts';
import type { Readiness } from './readiness.ts';
import { type Question, supervisorMessageSchema, type WorkerMessage } from './worker-messages.ts';

/** The number of this worker, from 1; undefined in a process that is none. */
export function ownWorkerNumber(): number | undefined {
  const { values } = parseArgs({ options: { worker: { type: 'string' } }, strict: false });
  return typeof values.worker === 'string' ? Number(values.worker) : undefined;
}

/** Nobody would give it a connection any more. */
export function exitWithSupervisor(): void {
  process.once('disconnect', () => process.exit(0));
  if (!process.connected) process.exit(0);
}

type Served = Pick<PortlessEndpoint, 'take' | 'retire'>;

export interface SupervisorLinkOptions {
  readonly metrics: Pick<Metrics, 'snapshot'>;
  readonly readiness: Pick<Readiness, 'reasonAgainst'>;
}

/** A worker's side of the channel to its supervisor, which asks for what the port of a single process would tell. */
export class SupervisorLink implements AsyncDisposable {
  readonly #options: SupervisorLinkOptions;
  #served: Served | undefined;

  constructor(options: SupervisorLinkOptions) {
    this.#options = options;
    process.on('message', this.#onMessage);
  }

  /** Asks for connections, which are served by this. */
  ready(served: Served): void {
    this.#served = served;
    void send({ kind: 'ready' });
  }

  /** Asks for no more connections. */
  leave(): void {
    void send({ kind: 'leaving' });
  }

  /** Tells for the last time what was counted. */
  async [Symbol.asyncDispose](): Promise<void> {
    process.off('message', this.#onMessage);
    await send({ kind: 'last', snapshot: await this.#options.metrics.snapshot() });
  }

  readonly #onMessage = (message: unknown, connection: unknown): void => {
    if (connection instanceof Socket) {
      this.#served?.take(connection);
      return;
    }
    const { data } = supervisorMessageSchema.safeParse(message);
    if (data?.kind !== 'question') return;
    const { number, question } = data;
    // What cannot be answered is not, and the supervisor does without it.
    this.#answer(question).then(
      async (answer) => send({ kind: 'answer', number, answer }),
      () => undefined,
    );
  };

  async #answer(question: Question): Promise<unknown> {
    switch (question) {
      case 'metrics':
        return this.#options.metrics.snapshot();
      case 'readiness':
        return (await this.#options.readiness.reasonAgainst()) ?? 'ready';
      case 'retire':
        await this.#served?.retire(limits.retireMs);
        return 'retired';
    }
  }
}

/** Resolves when it was handed over, or cannot be any more since the supervisor is gone. */
async function send(message: WorkerMessage): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (process.send === undefined || !process.connected) resolve();
  else process.send(message, undefined, undefined, () => resolve());
  await promise;
}
