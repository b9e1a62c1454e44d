import { isPortFree } from '@throughline/local-stack';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';

export interface DemoUrls {
  readonly trpcUrl: string;
  readonly metricsUrl: string;
  readonly healthUrl: string;
}

export interface DemoServerOptions {
  /** Variables that say where the stores are, and the secret. */
  readonly stores: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** Told each message of the log in short. */
  readonly say: (text: string) => void;
}

/** So long may a service take to drain before it is killed. */
const stopMs = 15_000;

/**
 * The service as a process of its own. It has a process group of its own too, so that Ctrl-C reaches it
 * through us and its stores outlive it.
 */
export class DemoServer implements AsyncDisposable {
  readonly logFile: string;
  /** Resolves with the exit code. */
  readonly exited: Promise<number>;
  /** Resolves when the service reports ready. */
  readonly ready: Promise<DemoUrls>;
  readonly #child: ChildProcess;

  private constructor(ports: Record<string, string>, options: DemoServerOptions) {
    const { stores, logFile } = options;
    this.logFile = logFile;
    const main = path.resolve(import.meta.dirname, '../../server/src/main.ts');
    const tracing = ['--import', '@throughline/telemetry/start-tracing'];
    this.#child = spawn(process.execPath, [...tracing, main], {
      // From where --import finds what the service has installed.
      cwd: path.dirname(main),
      // The stores and the secret are the demo's own, whatever the environment says.
      // Nobody who has to be told sends it requests, unless the environment says so.
      env: {
        SHUTDOWN_NOTICE_MS: '0',
        ...ports,
        ...process.env,
        ...stores,
        ...telling(process.env),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    this.exited = once(this.#child, 'exit').then(([code]: unknown[]) => Number(code ?? 1));
    this.ready = this.#followLog(options.say);
  }

  /** On the usual ports where these are free, else on others. */
  static async start(options: DemoServerOptions): Promise<DemoServer> {
    const { logFile } = options;
    // The run before may have ended badly: its log is kept beside this one.
    if (existsSync(logFile)) await rename(logFile, `${logFile}.1`);
    const ports = {
      PORT: (await isPortFree(3000)) ? '3000' : '0',
      METRICS_PORT: (await isPortFree(9464)) ? '9464' : '0',
    };
    return new DemoServer(ports, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), stopMs);
    await this.exited;
    clearTimeout(timer);
  }

  /** Keeps the log in a file and shows its messages in short. */
  async #followLog(say: DemoServerOptions['say']): Promise<DemoUrls> {
    const { stdout } = this.#child;
    if (stdout === null) throw new Error('The service was started without a pipe for its log.');
    const urls = new Map<string, string>();
    const ready = Promise.withResolvers<DemoUrls>();
    const log = createWriteStream(this.logFile);
    createInterface(stdout).on('line', (line) => {
      log.write(`${line}\n`);
      const { level, msg, url, details } = readLine(line);
      if (url !== undefined) urls.set(msg, url);
      else say(`${level.padEnd(5)} ${msg}${details}`);
      if (msg !== 'ready') return;
      ready.resolve({
        trpcUrl: urls.get('tRPC is served') ?? '',
        metricsUrl: urls.get('metrics are served') ?? '',
        healthUrl: urls.get('health is served') ?? '',
      });
    });
    return ready.promise;
  }
}

/** That the service is ready, and where, is read from its log, so that may not be quieter than info. */
function telling({ LOG_LEVEL = '' }: NodeJS.ProcessEnv): Record<string, string> {
  return { LOG_LEVEL: ['debug', 'trace'].includes(LOG_LEVEL) ? LOG_LEVEL : 'info' };
}

interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly url?: string | undefined;
  /** What the line tells besides, in short; the file has it whole. */
  readonly details: string;
}

const logLine = z.looseObject({ level: z.string(), msg: z.string(), url: z.string().optional() });
const detailsMax = 160;

function readLine(line: string): LogLine {
  const { success, data } = logLine.safeParse(parseJson(line));
  if (!success) return { level: '', msg: line, details: '' };
  const { level, msg, url, ...rest } = data;
  const told = Object.entries(rest).filter(([name]) => !['time', 'pid', 'hostname'].includes(name));
  const details = told.length === 0 ? '' : ` ${JSON.stringify(Object.fromEntries(told))}`;
  return { level, msg, url, details: details.slice(0, detailsMax) };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
