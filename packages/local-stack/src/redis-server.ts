import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Program } from './installed-program.ts';
import type { ServerCommand } from './keeper-protocol.ts';
import { findRedisProgram } from './redis-program.ts';
import { scratchDirectory } from './local-directory.ts';
import { createScratchDirectory } from './scratch-directory.ts';
import { startOnPort } from './server-port.ts';
import { ServerProcess } from './server-process.ts';

export interface RedisServerOptions {
  /** where the data is kept; without it nothing is written down, and the directory is temporary */
  readonly directory?: string;
  readonly port?: number;
  /** more arguments for `redis-server`, which win over ours, such as `['--appendonly', 'yes']` */
  readonly arguments?: readonly string[];
  /** a Sentinel, which holds no data; what it has learned is written down until its directory goes */
  readonly sentinel?: boolean;
  /** it also speaks TLS, on the next port, to its own kind as well */
  readonly tls?: RedisCertificate;
}

/** Files of a certificate that is its own authority. */
export interface RedisCertificate {
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** A Redis (or Valkey) of one's own on 127.0.0.1. It ends when this process does, however that ends. */
export class RedisServer implements AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly #server: ServerProcess;
  readonly #commandFor: (port: number) => ServerCommand;
  #pid: number;

  private constructor(parts: {
    server: ServerProcess;
    commandFor: (port: number) => ServerCommand;
    running: { port: number; pid: number };
  }) {
    this.#server = parts.server;
    this.#commandFor = parts.commandFor;
    this.#pid = parts.running.pid;
    this.port = parts.running.port;
    this.url = `redis://127.0.0.1:${String(this.port)}`;
  }

  /** Throws DirectoryHeldError when another process has the directory, ServerStartError with the log. */
  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const program = await findRedisProgram();
    const temporary = options.directory === undefined;
    const directory =
      options.directory ?? (await createScratchDirectory(scratchDirectory, 'redis'));
    // SIGTERM writes down what is not yet; SIGKILL is the quick end for what is thrown away.
    const stopSignal = temporary ? 'SIGKILL' : 'SIGTERM';
    await using opened = new AsyncDisposableStack();
    const server = opened.use(await ServerProcess.open({ directory, stopSignal, temporary }));
    await mkdir(path.join(directory, 'data'), { recursive: true });
    const serve = options.sentinel === true ? sentinelCommand : redisCommand;
    const commandFor = (port: number): ServerCommand =>
      serve(program, directory, {
        port,
        temporary,
        arguments: [...tlsArguments(port, options.tls), ...(options.arguments ?? [])],
      });
    if (options.sentinel === true) await writeFile(sentinelFile(directory), '');
    const running = await startOnPort(options.port, (port) => server.start(commandFor(port)));
    opened.move();
    return new RedisServer({ server, commandFor, running });
  }

  /** Where it speaks TLS, if it does. */
  get tlsPort(): number {
    return this.port + 1;
  }

  get tlsUrl(): string {
    return `rediss://127.0.0.1:${String(this.tlsPort)}`;
  }

  /** Where its data, its log (server.log) and its keeper's log are. */
  get directory(): string {
    return this.#server.directory;
  }

  get pid(): number {
    return this.#pid;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.#server.stop(signal);
  }

  /** A crash: what was not written down is lost. */
  async kill(): Promise<void> {
    await this.#server.stop('SIGKILL');
  }

  /** Stops it in mid-air: connections stay open, and nothing is answered until `resume`. */
  async pause(): Promise<void> {
    await this.#server.signal('SIGSTOP');
  }

  async resume(): Promise<void> {
    await this.#server.signal('SIGCONT');
  }

  /**
   * Starts it again on the same port, stopping it first if it runs; with what it has written down
   * (nothing, unless it was started with a directory or `--appendonly yes`), or with nothing.
   */
  async restart(options: { readonly data: 'kept' | 'empty' } = { data: 'kept' }): Promise<void> {
    await this.stop();
    const data = path.join(this.directory, 'data');
    if (options.data === 'empty') await rm(data, { recursive: true, force: true });
    await mkdir(data, { recursive: true });
    this.#pid = await this.#server.start(this.#commandFor(this.port));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}

interface CommandOptions {
  readonly port: number;
  readonly temporary: boolean;
  readonly arguments: readonly string[];
}

function redisCommand(program: Program, directory: string, options: CommandOptions): ServerCommand {
  const data = path.join(directory, 'data');
  const settings = {
    bind: '127.0.0.1',
    port: String(options.port),
    dir: data,
    save: '', // no snapshots: the append-only file, or nothing
    appendonly: options.temporary ? 'no' : 'yes',
    'maxmemory-policy': 'volatile-lru',
    'set-proc-title': 'no', // the command line is how a later start knows whose server it is
  };
  return {
    file: program.file,
    arguments: [...asArguments(settings), ...options.arguments],
    environment: program.environment,
    workingDirectory: data,
    readyText: 'Ready to accept connections',
  };
}

/** The same program. It writes what it learns into a file, which must be there. */
function sentinelCommand(
  program: Program,
  directory: string,
  options: CommandOptions,
): ServerCommand {
  const data = path.join(directory, 'data');
  const settings = {
    bind: '127.0.0.1',
    port: String(options.port),
    dir: data,
    'set-proc-title': 'no',
  };
  return {
    file: program.file,
    arguments: [
      sentinelFile(directory),
      '--sentinel',
      ...asArguments(settings),
      ...options.arguments,
    ],
    environment: program.environment,
    workingDirectory: data,
    readyText: 'Sentinel ID is',
  };
}

function tlsArguments(port: number, tls: RedisCertificate | undefined): string[] {
  if (tls === undefined) return [];
  return asArguments({
    'tls-port': String(port + 1),
    'tls-cert-file': tls.certificateFile,
    'tls-key-file': tls.keyFile,
    'tls-ca-cert-file': tls.certificateFile,
    'tls-auth-clients': 'no',
    'tls-replication': 'yes', // a Sentinel speaks so to what it watches
    'tls-cluster': 'yes',
  });
}

function sentinelFile(directory: string): string {
  return path.join(directory, 'sentinel.conf');
}

function asArguments(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
}
