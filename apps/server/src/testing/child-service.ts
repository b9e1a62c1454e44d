import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { compileCacheEnvironment } from '@throughline/local-stack/testing';
import { z } from 'zod';

const logLine = z.looseObject({ level: z.string(), msg: z.string(), url: z.string().optional() });
type LogLine = z.infer<typeof logLine>;

/** A service process of its own; disposing of it kills what is left of it. */
export interface ChildService extends AsyncDisposable {
  /** Resolves with the next line that says this, past those that were already waited for. */
  line(msg: string): Promise<LogLine>;
  kill(signal: NodeJS.Signals): void;
  /** The exit code, once the process is gone. */
  readonly exited: Promise<unknown>;
  readonly messages: string[];
  /** Every line that it has printed so far. */
  printed(): readonly string[];
  readonly stderr: Promise<string>;
}

/** As operators start it; without OTEL_* in the environment it does nothing. */
const startTracing = ['--import', import.meta.resolve('@throughline/telemetry/start-tracing')];

/** Starts a file of this folder with an environment of its own, and with these options of Node. */
export function startChild(
  file: string,
  environment: Record<string, string>,
  options: readonly string[] = startTracing,
): ChildService {
  const path = new URL(file, import.meta.url).pathname;
  const env = { ...compileCacheEnvironment(), ...environment };
  const child = spawn(process.execPath, [...options, path], { env });
  const exited = once(child, 'exit').then(([code]: unknown[]) => code);
  // Taken as it comes: a process whose output nobody takes stands still once the pipe is full.
  const waiting: string[] = [];
  const printed: string[] = [];
  const over = new AbortController();
  let news = Promise.withResolvers<void>();
  createInterface(child.stdout)
    .on('line', (line) => {
      waiting.push(line);
      printed.push(line);
      news.resolve();
    })
    .on('close', () => {
      over.abort();
      news.resolve();
    });
  const nextLine = async (): Promise<string | undefined> => {
    while (waiting.length === 0 && !over.signal.aborted) {
      await news.promise;
      news = Promise.withResolvers();
    }
    return waiting.shift();
  };
  const messages: string[] = [];
  return {
    async line(msg) {
      for (;;) {
        const next = await nextLine();
        if (next === undefined) throw new Error(`The process ended without saying "${msg}".`);
        const parsed = logLine.parse(JSON.parse(next));
        messages.push(parsed.msg);
        if (parsed.msg === msg) return parsed;
      }
    },
    kill: (signal) => void child.kill(signal),
    exited,
    messages,
    printed: () => printed,
    stderr: new Response(ReadableStream.from(child.stderr)).text(),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
