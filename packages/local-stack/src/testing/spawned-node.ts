import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';

export interface SpawnNodeOptions {
  readonly args?: readonly string[];
  /** for Node itself, such as `['--import', file]` */
  readonly nodeArgs?: readonly string[];
  /** added to this process's variables; undefined takes one away */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** gives it a process group of its own, so that a test can signal the group as a terminal does */
  readonly detached?: boolean;
}

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A machine with two busy cores and a cold cache still starts anything of ours in this time. */
const WAIT_MS = 20_000;

/** Runs a TypeScript or JavaScript file with the Node that runs us. Disposing of it kills it. */
export function spawnNode(file: string, options: SpawnNodeOptions = {}): SpawnedNode {
  const { nodeArgs = [], args = [], env, cwd, detached = false } = options;
  const child = spawn(process.execPath, [...nodeArgs, file, ...args], {
    cwd,
    detached,
    // oxlint-disable-next-line node/no-process-env -- handed on, as spawn does by default; not read
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return new SpawnedNode(child, file);
}

export class SpawnedNode implements AsyncDisposable {
  /** resolves when the process has ended and all it printed has been read */
  readonly exit: Promise<ProcessExit>;
  readonly #child: ChildProcess;
  readonly #file: string;
  readonly #stdoutLines: string[] = [];
  readonly #stderrLines: string[] = [];
  readonly #listeners = new Set<() => void>();
  #ended = false;

  constructor(child: ChildProcess, file: string) {
    this.#child = child;
    this.#file = file;
    const exit = Promise.withResolvers<ProcessExit>();
    this.exit = exit.promise;
    this.#collect(child.stdout, this.#stdoutLines);
    this.#collect(child.stderr, this.#stderrLines);
    child.once('error', exit.reject);
    child.once('close', (code, signal) => {
      this.#ended = true;
      this.#notify();
      exit.resolve({ code, signal });
    });
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.#file} could not be started.`);
    return this.#child.pid;
  }

  /** All lines of standard output so far. */
  get stdout(): readonly string[] {
    return this.#stdoutLines;
  }

  get stderr(): readonly string[] {
    return this.#stderrLines;
  }

  /** All lines of standard output from the first, those to come included, until the process ends. */
  async *[Symbol.asyncIterator](): AsyncGenerator<string, void, undefined> {
    for (let index = 0; ; index += 1) {
      while (index >= this.#stdoutLines.length) {
        if (this.#ended) return;
        await this.#change();
      }
      yield this.#stdoutLines[index] ?? '';
    }
  }

  /**
   * The first line of standard output that matches, printed already or to come. Throws, with what was
   * printed, when the process ends or the time is over without one.
   */
  async waitForLine(pattern: RegExp, timeoutMs = WAIT_MS): Promise<RegExpExecArray> {
    const giveUp = Promise.withResolvers<'late'>();
    const timer = setTimeout(() => {
      giveUp.resolve('late');
    }, timeoutMs);
    try {
      for (let index = 0; ; index += 1) {
        while (index >= this.#stdoutLines.length) {
          if (this.#ended) throw this.#unmatched(pattern, 'ended');
          const late = await Promise.race([this.#change(), giveUp.promise]);
          if (late) throw this.#unmatched(pattern, `took ${String(timeoutMs)} ms`);
        }
        const match = pattern.exec(this.#stdoutLines[index] ?? '');
        if (match) return match;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  kill(signal: NodeJS.Signals = 'SIGTERM'): void {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill('SIGKILL');
    await this.exit;
  }

  #collect(stream: NodeJS.ReadableStream | null, lines: string[]): Interface | undefined {
    if (!stream) return undefined;
    return createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      this.#notify();
    });
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#listeners.add(resolve);
    });
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }

  #unmatched(pattern: RegExp, what: string): Error {
    const printed = [...this.#stdoutLines, ...this.#stderrLines].join('\n');
    return new Error(
      `${this.#file} ${what} without a line like ${String(pattern)}. It printed:\n${printed}`,
    );
  }
}
