import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { type LogLine, ServerLog } from './server-log.ts';

const main = path.resolve(import.meta.dirname, '../../server/src/main.ts');
const readyMs = 60_000;
/** A process that cannot begin, as a store is away, ends; its supervisor starts it again for so long. */
const restartMaxMs = 60_000;
const restartPauseMs = 500;

/** One service process, which can be killed, stopped in mid-air and started again. */
export class ServerProcess implements AsyncDisposable {
  readonly #environment: Readonly<Record<string, string>>;
  readonly log = new ServerLog();
  /** What it said last when it ended although it had begun, and nobody had killed it. */
  readonly ends: LogLine[] = [];
  #isKilled = false;
  #child: ChildProcess | undefined;
  /** Where it serves tRPC; the port changes with each start. */
  url = 'http://127.0.0.1:1/trpc';
  /** Where it says whether it should get requests. */
  readyUrl = 'http://127.0.0.1:1/health/ready';

  constructor(environment: Readonly<Record<string, string>>) {
    this.#environment = environment;
  }

  /** Returns when it reports ready. Throws what it said on stderr if it ends instead. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [main], {
      env: { ...this.#environment, HOST: '127.0.0.1', PORT: '0', METRICS_PORT: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#isKilled = false;
    const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
    let [said, isReady] = ['', false];
    child.stderr.on('data', (data: Buffer) => (said += data.toString()));
    createInterface(child.stdout).on('line', (line) => {
      this.log.add(line);
      const url = /"url":"(http[^"]+\/trpc)"/.exec(line)?.[1];
      if (url !== undefined) this.url = url;
      this.readyUrl = /"url":"(http[^"]+\/ready)"/.exec(line)?.[1] ?? this.readyUrl;
      if (!line.includes('"msg":"ready"')) return;
      isReady = true;
      resolve();
    });
    child.once('exit', (code, signal) => {
      reject(new Error(`A server process ended. ${said}`));
      if (this.#isKilled || !isReady) return;
      this.ends.push({
        atMs: performance.now(),
        text: `${signal ?? code} ${this.log.last} ${said}`,
      });
    });
    const timer = setTimeout(() => reject(new Error('A server process is not ready.')), readyMs);
    await ready.finally(() => clearTimeout(timer));
  }

  /** As its supervisor does. */
  async ensureRunning(): Promise<void> {
    const endMs = performance.now() + restartMaxMs;
    while (!this.#isRunning) {
      try {
        await this.start();
      } catch (err) {
        if (performance.now() > endMs) throw err;
        await delay(restartPauseMs);
      }
    }
  }

  get #isRunning(): boolean {
    return this.#child?.exitCode === null && this.#child.signalCode === null;
  }

  async kill(): Promise<void> {
    if (this.#child === undefined || !this.#isRunning) return;
    this.#isKilled = true;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  /** Asks it to stop, as an orchestrator does. Resolves with its exit code, or with the signal that ended it. */
  async stop(): Promise<number | string | null> {
    if (this.#child === undefined || !this.#isRunning) return null;
    this.#isKilled = true;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
    return this.#child.exitCode ?? this.#child.signalCode;
  }

  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
