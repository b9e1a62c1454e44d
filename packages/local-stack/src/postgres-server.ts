import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ServerCommand } from './keeper-protocol.ts';
import { scratchDirectory } from './local-directory.ts';
import { findPostgresBinaries } from './postgres-binaries.ts';
import { ensurePostgresData, POSTGRES_PASSWORD, POSTGRES_USER } from './postgres-data.ts';
import { createScratchDirectory } from './scratch-directory.ts';
import { startOnPort } from './server-port.ts';
import { ServerProcess, ServerStartError } from './server-process.ts';
import {
  findUnprivilegedAccount,
  reachableDirectory,
  type Account,
} from './unprivileged-account.ts';

export interface PostgresServerOptions {
  /** where the data is kept; without it, it is deleted with the server */
  readonly directory?: string;
  readonly port?: number;
  /** more arguments for `postgres`, such as `['-c', 'log_statement=all']` */
  readonly arguments?: readonly string[];
}

/** Enough for every package's tests at once, each with a pool or two. */
const CONNECTIONS_MAX = 200;

const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=', // a checkout's path can be longer than a socket's may be
  `max_connections=${String(CONNECTIONS_MAX)}`,
  'timezone=UTC',
  'log_timezone=UTC',
];

/** Nobody wants test data back after a power cut, and fsync is most of what a small test would wait for. */
const TEMPORARY_SETTINGS = ['fsync=off', 'full_page_writes=off'];

/** After a SIGKILL the server's own children need a moment to notice, and until then block a new start. */
const OLD_CHILDREN_MS_MAX = 10_000;
const OLD_CHILDREN_LOOK_EVERY_MS = 50;

/** A PostgreSQL of one's own on 127.0.0.1. It ends when this process does, however that ends. */
export class PostgresServer implements AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly #server: ServerProcess;
  readonly #commandFor: (port: number) => ServerCommand;
  #pid: number;

  private constructor(
    server: ServerProcess,
    commandFor: (port: number) => ServerCommand,
    running: { port: number; pid: number },
  ) {
    this.#server = server;
    this.#commandFor = commandFor;
    this.#pid = running.pid;
    this.port = running.port;
    this.url = `postgres://${POSTGRES_USER}:${POSTGRES_PASSWORD}@127.0.0.1:${String(running.port)}/postgres`;
  }

  /** Throws DirectoryHeldError when another process has the directory, ServerStartError with the log. */
  static async start(options: PostgresServerOptions = {}): Promise<PostgresServer> {
    const account = await findUnprivilegedAccount();
    const binaries = await findPostgresBinaries(account);
    const temporary = options.directory === undefined;
    const directory = await makeDirectory(options.directory, account);
    // SIGINT ends the sessions and writes everything down; SIGQUIT drops it all at once.
    const stopSignal = temporary ? 'SIGQUIT' : 'SIGINT';
    await using opened = new AsyncDisposableStack();
    const server = opened.use(await ServerProcess.open({ directory, stopSignal, temporary }));
    const data = await ensurePostgresData({ directory, binaries, account, temporary });
    const settings = [...SETTINGS, ...(temporary ? TEMPORARY_SETTINGS : [])];
    const fixedArguments = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])];
    const commandFor = (port: number): ServerCommand => ({
      file: binaries.postgres,
      arguments: [...fixedArguments, '-p', String(port), ...(options.arguments ?? [])],
      environment: { LC_ALL: 'C' },
      workingDirectory: data,
      // "connections", or "read-only connections" of a standby.
      readyText: 'database system is ready to accept',
      account,
    });
    const running = await startOnPort(options.port, (port) => server.start(commandFor(port)));
    opened.move();
    return new PostgresServer(server, commandFor, running);
  }

  /** Where its data, its log (server.log) and its keeper's log are. */
  get directory(): string {
    return this.#server.directory;
  }

  get pid(): number {
    return this.#pid;
  }

  /** Ends all sessions and stops; `restart` finds the data again. */
  async stop(): Promise<void> {
    await this.#server.stop('SIGINT');
  }

  /** A crash: SIGKILL to the server, whose children follow it. */
  async kill(): Promise<void> {
    await this.#server.stop('SIGKILL');
  }

  /** Starts it again on the same port with the same data, stopping it first if it runs. */
  async restart(): Promise<void> {
    await this.stop();
    this.#pid = await startWhenOldChildrenAreGone(this.#server, this.#commandFor(this.port));
  }

  /** Starts it again as a standby that follows nobody; `SELECT pg_promote()` makes it a primary again. */
  async restartAsStandby(): Promise<void> {
    await this.stop();
    await writeFile(path.join(this.directory, 'data', 'standby.signal'), '', { mode: 0o666 });
    await this.restart();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}

async function makeDirectory(
  kept: string | undefined,
  account: Account | undefined,
): Promise<string> {
  const parent = await reachableDirectory(account, kept ?? scratchDirectory);
  if (kept !== undefined) return parent;
  const directory = await createScratchDirectory(parent, 'postgres');
  if (account) await chmod(directory, 0o711); // new scratch directories are closed to others
  return directory;
}

async function startWhenOldChildrenAreGone(
  server: ServerProcess,
  command: ServerCommand,
): Promise<number> {
  const giveUpAt = performance.now() + OLD_CHILDREN_MS_MAX;
  for (;;) {
    try {
      return await server.start(command);
    } catch (error) {
      const blocked =
        error instanceof ServerStartError && error.log.includes('pre-existing shared memory block');
      if (!blocked || performance.now() > giveUpAt) throw error;
      await delay(OLD_CHILDREN_LOOK_EVERY_MS);
    }
  }
}
