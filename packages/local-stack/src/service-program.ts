import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { compileCacheEnvironment } from './compile-cache.ts';

/** A machine with busy cores still starts a service in this time. */
const readyMs = 60_000;

/** How a process of a service ended. */
export interface ServiceEnd {
  readonly how: number | NodeJS.Signals | null;
  /** All that it wrote to standard error. */
  readonly complaint: string;
  /** Whether it had begun its work. */
  readonly wasReady: boolean;
}

export interface ServiceProgramOptions {
  /** Its main file, which logs a line of JSON for each thing that it says. */
  readonly file: string;
  /** All variables that it gets, but for where compiled code is kept, and those that make it listen on any free ports. */
  readonly environment: Readonly<Record<string, string>>;
  /** Told of every line that it prints, through all of its starts. */
  readonly onLine?: (line: string) => void;
  /** Told of each end that was not asked for here. */
  readonly onEnd?: (end: ServiceEnd) => void;
}

/**
 * A service for a test that kills it, stops it in mid-air and starts it again, and hears at once when it ends by itself. It
 * listens on other ports after each start. Unlike a `NodeProgram` it has no keeper: it outlives a test that is killed.
 */
export class ServiceProgram implements AsyncDisposable {
  readonly #options: ServiceProgramOptions;
  readonly #urls = new Map<string, string>();
  #child: ChildProcess | undefined;
  #isEnding = false;

  constructor(options: ServiceProgramOptions) {
    this.#options = options;
  }

  /** Returns when it reports ready. Throws what it wrote to standard error if it ends instead. */
  async start(): Promise<void> {
    const { file, environment } = this.#options;
    const child = spawn(process.execPath, [file], {
      env: {
        ...compileCacheEnvironment(),
        ...environment,
        HOST: '127.0.0.1',
        PORT: '0',
        METRICS_PORT: '0',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#isEnding = false;
    const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
    let [complaint, begun, wasReady] = ['', '', false];
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
    // Not by `readline`, for which lines end at U+2028 too.
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = `${begun}${text}`.split('\n');
      begun = lines.pop() ?? '';
      for (const line of lines) if (this.#hear(line)) wasReady = true;
      if (wasReady) resolve();
    });
    child.once('close', (code, signal) => {
      reject(new Error(`The service ended before it was ready. ${complaint}`));
      if (!this.#isEnding) this.#options.onEnd?.({ how: signal ?? code, complaint, wasReady });
    });
    const late = () => reject(new Error('The service is not ready in time.'));
    const timer = setTimeout(late, readyMs);
    await ready.finally(() => clearTimeout(timer));
  }

  get isRunning(): boolean {
    return this.#child?.exitCode === null && this.#child.signalCode === null;
  }

  /** Undefined before its first start. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** What it serves under a path, by its own word since its first start; undefined if it has not said so yet. */
  urlOf(path: string): string | undefined {
    return this.#urls.get(path);
  }

  /** Ends it. Resolves with its exit code, or with the signal that ended it; null if it did not run. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<ServiceEnd['how']> {
    if (this.#child === undefined || !this.isRunning) return null;
    this.#isEnding = true;
    const ended = once(this.#child, 'close');
    this.#child.kill(signal);
    await ended;
    return this.#child.exitCode ?? this.#child.signalCode;
  }

  /** Stops it in mid-air: connections stay open, and nothing is answered until `resume`. */
  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Whether it says that it is ready. */
  #hear(line: string): boolean {
    this.#options.onLine?.(line);
    const url = /"url":"(http[^"]+)"/.exec(line)?.[1];
    if (url !== undefined) this.#urls.set(new URL(url).pathname, url);
    return line.includes('"msg":"ready"');
  }
}
