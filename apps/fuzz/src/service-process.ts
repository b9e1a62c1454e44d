import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { z } from 'zod';

const main = path.resolve(import.meta.dirname, '../../server/src/main.ts');
const readyMs = 60_000;

/** Pieces of what inputs hold and the service says nothing of: no line of its log repeats what was sent. */
const sent = /DROP TABLE|DELETE FROM|FLUSHALL|etc\/passwd|alert\(1\)/;

const lineSchema = z.looseObject({
  level: z.string(),
  msg: z.string(),
  url: z.string().optional(),
});

/** One service process as production runs it. */
export class ServiceProcess implements AsyncDisposable {
  readonly #environment: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;
  #complaints: string[] = [];
  #isStopping = false;
  readonly ports = { service: 0, operations: 0 };

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
    const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
    let said = '';
    child.stderr.on('data', (data: Buffer) => (said += data.toString()));
    let begun = '';
    // Not by `readline`, for which lines end at U+2028 too.
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = `${begun}${text}`.split('\n');
      begun = lines.pop() ?? '';
      for (const line of lines) if (this.#take(line) === 'ready') resolve();
    });
    child.once('exit', (code, signal) => {
      reject(new Error(`The service process ended. ${said}`));
      if (!this.#isStopping)
        this.#complaints.push(`the process ended with ${signal ?? code}: ${said.slice(0, 2_000)}`);
    });
    const timer = setTimeout(() => reject(new Error('The service process is not ready.')), readyMs);
    await ready.finally(() => clearTimeout(timer));
  }

  /** That it ended, or the next of its log lines that no input should bring about. */
  complaint(): string | undefined {
    return this.#complaints.shift();
  }

  async ensureRunning(): Promise<void> {
    if (this.#child?.exitCode === null && this.#child.signalCode === null) return;
    await this.start();
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true;
    if (
      this.#child === undefined ||
      this.#child.exitCode !== null ||
      this.#child.signalCode !== null
    )
      return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  #take(text: string): string | undefined {
    const parsed = lineSchema.safeParse(parseLine(text));
    if (!parsed.success) {
      this.#complaints.push(`it printed what is no log line: ${text.slice(0, 2_000)}`);
      return undefined;
    }
    const { level, msg, url } = parsed.data;
    if (level === 'error' || level === 'fatal' || sent.test(text)) {
      this.#complaints.push(`it logged ${text.slice(0, 2_000)}`);
    }
    if (url?.endsWith('/trpc') === true) this.ports.service = Number(new URL(url).port);
    if (url?.endsWith('/metrics') === true) this.ports.operations = Number(new URL(url).port);
    return msg;
  }
}

function parseLine(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
