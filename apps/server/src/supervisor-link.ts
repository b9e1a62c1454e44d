import type { Metrics } from '@throughline/telemetry';
import cluster from 'node:cluster';
import { parseArgs } from 'node:util';
import type { Readiness } from './readiness.ts';
import { type Question, questionSchema, type WorkerMessage } from './worker-messages.ts';

/** The number of this worker, from 1; undefined in a process that is none. */
export function ownWorkerNumber(): number | undefined {
  if (!cluster.isWorker) return undefined;
  const { values } = parseArgs({ options: { worker: { type: 'string' } } });
  return Number(values.worker);
}

export interface SupervisorLinkOptions {
  readonly metrics: Pick<Metrics, 'snapshot'>;
  readonly readiness: Pick<Readiness, 'reasonAgainst'>;
}

/** A worker's side of the channel to its supervisor, which asks for what the port of a single process would tell. */
export class SupervisorLink implements AsyncDisposable {
  readonly #options: SupervisorLinkOptions;
  #retire: (() => Promise<void>) | undefined;

  constructor(options: SupervisorLinkOptions) {
    this.#options = options;
    process.on('message', this.#onMessage);
  }

  /** Says that requests are served, and from now on can be retired from by this. */
  ready(retire: () => Promise<void>): void {
    this.#retire = retire;
    void send({ kind: 'ready' });
  }

  /** Tells for the last time what was counted. */
  async [Symbol.asyncDispose](): Promise<void> {
    process.off('message', this.#onMessage);
    await send({ kind: 'last', snapshot: await this.#options.metrics.snapshot() });
  }

  readonly #onMessage = (message: unknown): void => {
    const asked = questionSchema.safeParse(message);
    if (!asked.success) return;
    const { number, question } = asked.data;
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
        await this.#retire?.();
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
