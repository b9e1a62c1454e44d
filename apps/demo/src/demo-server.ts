import { isPortFree, keptDataDirectory } from '@throughline/local-stack';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';

export interface DemoUrls {
  readonly trpcUrl: string;
  readonly metricsUrl: string;
  readonly healthUrl: string;
}

/** So long may a service take to drain before it is killed. */
const stopMs = 15_000;

/**
 * The service as a process of its own. It has a process group of its own too, so that Ctrl-C reaches it
 * through us and its stores outlive it.
 */
export class DemoServer implements AsyncDisposable {
  readonly logFile = path.join(path.dirname(keptDataDirectory), 'server.log');
  /** Resolves with the exit code. */
  readonly exited: Promise<number>;
  /** Resolves when the service reports ready. */
  readonly ready: Promise<DemoUrls>;
  readonly #child: ChildProcess;

  private constructor(environment: Record<string, string>) {
    const main = path.resolve(import.meta.dirname, '../../server/src/main.ts');
    this.#child = spawn(process.execPath, [main], {
      env: { ...environment, ...process.env, ...storesOf(environment) },
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    this.exited = once(this.#child, 'exit').then(([code]: unknown[]) => Number(code ?? 1));
    this.ready = this.#followLog();
  }

  /** On the usual ports where these are free, else on others. */
  static async start(environment: Record<string, string>): Promise<DemoServer> {
    return new DemoServer({
      PORT: (await isPortFree(3000)) ? '3000' : '0',
      METRICS_PORT: (await isPortFree(9464)) ? '9464' : '0',
      ...environment,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), stopMs);
    await this.exited;
    clearTimeout(timer);
  }

  /** Keeps the log in a file and shows its messages in short. */
  async #followLog(): Promise<DemoUrls> {
    const { stdout } = this.#child;
    if (stdout === null) throw new Error('The service was started without a pipe for its log.');
    const urls = new Map<string, string>();
    const ready = Promise.withResolvers<DemoUrls>();
    const log = createWriteStream(this.logFile, { flags: 'a' });
    createInterface(stdout).on('line', (line) => {
      log.write(`${line}\n`);
      const { level, msg, url } = readLine(line);
      if (url !== undefined) urls.set(msg, url);
      else process.stdout.write(`${level.padEnd(5)} ${msg}\n`);
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

/** What the demo decides itself, whatever the environment says: its own stores and its own secret. */
function storesOf(environment: Record<string, string>): Record<string, string> {
  const names = ['DATABASE_URL', 'REDIS_URL', 'AUTH_JWT_SECRET'];
  return Object.fromEntries(names.map((name) => [name, environment[name] ?? '']));
}

function readLine(line: string): { level: string; msg: string; url?: string | undefined } {
  try {
    const parsed: unknown = JSON.parse(line);
    if (typeof parsed !== 'object' || parsed === null) throw new TypeError('no log line');
    const fields = new Map<string, unknown>(Object.entries(parsed));
    const url = fields.get('url');
    return {
      level: String(fields.get('level')),
      msg: String(fields.get('msg')),
      url: typeof url === 'string' ? url : undefined,
    };
  } catch {
    return { level: '', msg: line };
  }
}
