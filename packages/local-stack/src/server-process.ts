import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { compileCacheEnvironment } from './compile-cache.ts';
import type {
  KeeperAnswer,
  KeeperOptions,
  KeeperRequest,
  ServerCommand,
} from './keeper-protocol.ts';

const require = createRequire(import.meta.url);

/** The directory is in use by a process that lives. */
export class DirectoryHeldError extends Error {
  readonly code = 'DIRECTORY_HELD';
  constructor(directory: string, holderPid: number) {
    super(
      `${directory} is in use by process ${String(holderPid)}. Stop that process (\`kill ${String(holderPid)}\`), or use another directory.`,
    );
  }
}

/** The server ended before it took connections; `log` is the end of what it printed. */
export class ServerStartError extends Error {
  readonly code = 'SERVER_START';
  readonly log: string;
  constructor(command: ServerCommand, log: string) {
    super(`${path.basename(command.file)} did not start. It printed:\n${log}`);
    this.log = log;
  }
}

type Question<Request = KeeperRequest> = Request extends unknown ? Omit<Request, 'id'> : never;

/**
 * A server of this process, held through its keeper (see keeper.ts). It may be stopped, killed and
 * started again as often as a test likes; the directory stays locked, and is deleted in the end if
 * temporary, until it is disposed of.
 */
export class ServerProcess implements AsyncDisposable {
  readonly directory: string;
  readonly #keeper: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #answers = new Map<number, PromiseWithResolvers<KeeperAnswer>>();
  #lastId = 0;

  private constructor(keeper: ChildProcess, directory: string) {
    this.directory = directory;
    this.#keeper = keeper;
    this.#ended = once(keeper, 'exit');
    keeper.on('message', (answer: KeeperAnswer) => {
      this.#answers.get(answer.id)?.resolve(answer);
      this.#answers.delete(answer.id);
    });
    keeper.on('exit', () => {
      for (const { reject } of this.#answers.values()) reject(new Error(KEEPER_ENDED));
      this.#answers.clear();
    });
  }

  /** Locks the directory; throws {@link DirectoryHeldError} when another process has it. */
  static async open(options: Omit<KeeperOptions, 'holderPid'>): Promise<ServerProcess> {
    mkdirSync(options.directory, { recursive: true });
    const server = new ServerProcess(
      forkKeeper({ ...options, holderPid: process.pid }),
      options.directory,
    );
    const answer = await server.#ask({ type: 'claim' });
    if (answer.outcome === 'held') {
      server.#keeper.kill('SIGKILL'); // it must not delete, on its way out, what others use
      await server.#ended;
      throw new DirectoryHeldError(options.directory, answer.holderPid);
    }
    return server;
  }

  get keeperPid(): number {
    if (this.#keeper.pid === undefined) throw new Error(KEEPER_ENDED);
    return this.#keeper.pid;
  }

  /** Resolves to the server's pid when it takes connections. */
  async start(command: ServerCommand): Promise<number> {
    const answer = await this.#ask({ type: 'start', command });
    if (answer.outcome === 'ready') return answer.pid;
    throw new ServerStartError(command, answer.outcome === 'failed' ? answer.log : answer.outcome);
  }

  async signal(signal: NodeJS.Signals): Promise<void> {
    await this.#ask({ type: 'signal', signal });
  }

  /** Resolves when the server has ended; by force after ten seconds. */
  async stop(signal: NodeJS.Signals): Promise<void> {
    await this.#ask({ type: 'stop', signal });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#keeper.connected) this.#keeper.disconnect();
    await this.#ended;
  }

  async #ask(question: Question): Promise<KeeperAnswer> {
    if (!this.#keeper.connected) throw new Error(KEEPER_ENDED);
    this.#lastId += 1;
    const answer = Promise.withResolvers<KeeperAnswer>();
    this.#answers.set(this.#lastId, answer);
    this.#keeper.send({ ...question, id: this.#lastId });
    return answer.promise;
  }
}

const KEEPER_ENDED =
  'The process that keeps this server has ended (was it killed, or the server disposed of?). Start a new one; keeper.log in its directory may say more.';

function forkKeeper(options: KeeperOptions): ChildProcess {
  // Not our own stderr: a pipeline such as `npm start | tee log` would wait for the keeper's end too.
  const log = openSync(path.join(options.directory, 'keeper.log'), 'a');
  try {
    return fork(require.resolve('./keeper.ts'), [JSON.stringify(options)], {
      cwd: '/',
      detached: true,
      // Nothing else: NODE_OPTIONS and the like are meant for the program, not for its servers.
      env: compileCacheEnvironment(),
      execArgv: [],
      stdio: ['ignore', log, log, 'ipc'],
    });
  } finally {
    closeSync(log);
  }
}
