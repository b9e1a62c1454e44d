import { ServiceProgram } from '@throughline/local-stack';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type LogLine, ServerLog } from './server-log.ts';

const main = path.resolve(import.meta.dirname, '../../server/src/main.ts');
/** A process that cannot begin, as a store is away, ends; its supervisor starts it again for so long. */
const restartMaxMs = 60_000;
const restartPauseMs = 500;
/** Where nobody listens. */
const nowhere = 'http://127.0.0.1:1';

/** One service process, which can be killed, stopped in mid-air and started again. */
export class ServerProcess implements AsyncDisposable {
  readonly log = new ServerLog();
  /** What it said last when it ended although it had begun, and nobody had killed it. */
  readonly ends: LogLine[] = [];
  readonly #program: ServiceProgram;

  constructor(environment: Readonly<Record<string, string>>) {
    this.#program = new ServiceProgram({
      file: main,
      environment,
      onLine: (line) => this.log.add(line),
      onEnd: ({ how, complaint, wasReady }) => {
        if (!wasReady) return;
        this.ends.push({ atMs: performance.now(), text: `${how} ${this.log.last} ${complaint}` });
      },
    });
  }

  /** Where it serves tRPC; the port changes with each start. */
  get url(): string {
    return this.#program.urlOf('/trpc') ?? `${nowhere}/trpc`;
  }

  /** Where it says whether it should get requests. */
  get readyUrl(): string {
    return this.#program.urlOf('/health/ready') ?? `${nowhere}/health/ready`;
  }

  /** Returns when it reports ready. Throws what it said on stderr if it ends instead. */
  async start(): Promise<void> {
    await this.#program.start();
  }

  /** As its supervisor does. */
  async ensureRunning(): Promise<void> {
    const endMs = performance.now() + restartMaxMs;
    while (!this.#program.isRunning) {
      try {
        await this.start();
      } catch (err) {
        if (performance.now() > endMs) throw err;
        await delay(restartPauseMs);
      }
    }
  }

  async kill(): Promise<void> {
    await this.#program.end('SIGKILL');
  }

  /** Asks it to stop, as an orchestrator does. Resolves with its exit code, or with the signal that ended it. */
  async stop(): Promise<number | string | null> {
    return this.#program.end('SIGTERM');
  }

  pause(): void {
    this.#program.pause();
  }

  resume(): void {
    this.#program.resume();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
  }
}
