import { NodeProgram } from '@throughline/local-stack';
import path from 'node:path';

const file = path.resolve(import.meta.dirname, '../../../examples/traffic/traffic.ts');

export interface TrafficOptions {
  readonly trpcUrl: string;
  /** of the service's tokens */
  readonly secret: string;
  /** the pause between two rounds of calls; 100 unless said otherwise */
  readonly roundMs?: number | undefined;
  /** where its log is kept; without it, nowhere */
  readonly directory?: string | undefined;
}

/** The traffic generator of examples/traffic, which can be started and stopped as often as one likes. */
export class Traffic implements AsyncDisposable {
  readonly #options: TrafficOptions;
  #program: NodeProgram | undefined;

  constructor(options: TrafficOptions) {
    this.#options = options;
  }

  get isRunning(): boolean {
    return this.#program !== undefined;
  }

  /** Resolves when it has made its products and calls in rounds. */
  async start(): Promise<void> {
    if (this.#program !== undefined) return;
    const { trpcUrl, secret, roundMs = 100, directory } = this.#options;
    this.#program = await NodeProgram.start({
      noun: 'traffic',
      file,
      directory,
      environment: () => ({
        URL: trpcUrl,
        AUTH_JWT_SECRET: secret,
        ROUND_MS: String(roundMs),
      }),
      readyText: 'calling until stopped',
    });
  }

  async stop(): Promise<void> {
    const program = this.#program;
    this.#program = undefined;
    await program?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
