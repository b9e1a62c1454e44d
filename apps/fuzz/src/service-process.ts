import { ServiceProgram } from '@throughline/local-stack';
import path from 'node:path';
import { z } from 'zod';

const main = path.resolve(import.meta.dirname, '../../server/src/main.ts');

/** Pieces of what inputs hold and the service says nothing of: no line of its log repeats what was sent. */
const sent = /DROP TABLE|DELETE FROM|FLUSHALL|etc\/passwd|alert\(1\)/;
const charactersMax = 2_000;

const lineSchema = z.looseObject({ level: z.string(), msg: z.string() });

/** One service process as production runs it. */
export class ServiceProcess implements AsyncDisposable {
  readonly #program: ServiceProgram;
  readonly #complaints: string[] = [];

  constructor(environment: Readonly<Record<string, string>>) {
    this.#program = new ServiceProgram({
      file: main,
      environment,
      onLine: (line) => this.#judge(line),
      onEnd: ({ how, complaint }) => {
        const said = complaint.slice(0, charactersMax);
        this.#complaints.push(`the process ended with ${how}: ${said}`);
      },
    });
  }

  /** Returns when it reports ready. Throws what it said on stderr if it ends instead. */
  async start(): Promise<void> {
    await this.#program.start();
  }

  /** They change with each start. */
  get ports() {
    return { service: this.#portOf('/trpc'), operations: this.#portOf('/metrics') };
  }

  /** That it ended, or the next of its log lines that no input should bring about. */
  complaint(): string | undefined {
    return this.#complaints.shift();
  }

  async ensureRunning(): Promise<void> {
    if (!this.#program.isRunning) await this.start();
  }

  get pid(): number | undefined {
    return this.#program.pid;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
  }

  #portOf(served: string): number {
    const url = this.#program.urlOf(served);
    if (url === undefined) throw new Error(`The service has not said where it serves ${served}.`);
    return Number(new URL(url).port);
  }

  #judge(text: string): void {
    const line = text.slice(0, charactersMax);
    const parsed = lineSchema.safeParse(parseLine(text));
    if (!parsed.success) {
      this.#complaints.push(`it printed what is no log line: ${line}`);
      return;
    }
    const { level } = parsed.data;
    if (level === 'error' || level === 'fatal' || sent.test(text)) {
      this.#complaints.push(`it logged ${line}`);
    }
  }
}

function parseLine(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
