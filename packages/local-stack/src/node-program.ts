import { compileCacheEnvironment } from './compile-cache.ts';
import { findFreePort } from './free-port.ts';
import type { ServerCommand } from './keeper-protocol.ts';
import { scratchDirectory } from './local-directory.ts';
import { createScratchDirectory } from './scratch-directory.ts';
import { ServerProcess, ServerStartError } from './server-process.ts';

export interface NodeProgramOptions<Port extends string = never> {
  /** names its temporary directory: lower-case letters */
  readonly noun: string;
  /** a TypeScript or JavaScript file */
  readonly file: string;
  /** where its log is kept; without it, the directory is temporary */
  readonly directory?: string | undefined;
  /** every port that it listens on, by a name; undefined is any that is free */
  readonly ports?: ReadonlyMap<Port, number | undefined>;
  /** all variables that it gets, but for where compiled code is kept */
  readonly environment: (portOf: PortOf<Port>) => Readonly<Record<string, string>>;
  /** what it prints when it does its work */
  readonly readyText: string;
}

type PortOf<Port extends string> = (name: Port) => number;

/** Somebody else takes a port between our look and the program's start this often at most. */
const attemptsMax = 5;

/** A program of ours in the Node that runs us, kept as a server is. It ends when this process does, however that ends. */
export class NodeProgram<Port extends string = never> implements AsyncDisposable {
  readonly portOf: PortOf<Port>;
  readonly #server: ServerProcess;
  readonly #command: ServerCommand;
  #pid: number;

  private constructor(parts: {
    server: ServerProcess;
    command: ServerCommand;
    portOf: PortOf<Port>;
    pid: number;
  }) {
    this.#server = parts.server;
    this.#command = parts.command;
    this.#pid = parts.pid;
    this.portOf = parts.portOf;
  }

  /** Resolves when it is ready. Throws ServerStartError, with what it printed, if it ends instead. */
  static async start<Port extends string>(
    options: NodeProgramOptions<Port>,
  ): Promise<NodeProgram<Port>> {
    const temporary = options.directory === undefined;
    const directory =
      options.directory ?? (await createScratchDirectory(scratchDirectory, options.noun));
    await using opened = new AsyncDisposableStack();
    const opening = ServerProcess.open({ directory, stopSignal: 'SIGTERM', temporary });
    const server = opened.use(await opening);
    for (let attempt = 1; ; attempt += 1) {
      const portOf = await choosePorts(options.ports);
      const command = commandOf(options, portOf, directory);
      try {
        const pid = await server.start(command);
        opened.move();
        return new NodeProgram({ server, command, portOf, pid });
      } catch (error) {
        const taken =
          error instanceof ServerStartError && /address already in use/i.test(error.log);
        const canMove = [...(options.ports?.values() ?? [])].includes(undefined);
        if (!taken || !canMove || attempt === attemptsMax) throw error;
      }
    }
  }

  /** Where its log (server.log) and its keeper's log are. */
  get directory(): string {
    return this.#server.directory;
  }

  get pid(): number {
    return this.#pid;
  }

  /** Asks it to end, and resolves when it has. */
  async stop(): Promise<void> {
    await this.#server.stop('SIGTERM');
  }

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

  /** Starts it again on the same ports, stopping it first if it runs. */
  async restart(): Promise<void> {
    await this.stop();
    this.#pid = await this.#server.start(this.#command);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}

function commandOf<Port extends string>(
  { file, environment, readyText }: NodeProgramOptions<Port>,
  portOf: PortOf<Port>,
  directory: string,
): ServerCommand {
  return {
    file: process.execPath,
    // The command line is how a later start knows whose program it is.
    arguments: [`--diagnostic-dir=${directory}`, file],
    environment: { ...compileCacheEnvironment(), ...environment(portOf) },
    workingDirectory: directory,
    readyText,
  };
}

async function choosePorts<Port extends string>(
  wanted: ReadonlyMap<Port, number | undefined> = new Map<Port, undefined>(),
): Promise<PortOf<Port>> {
  const chosen = new Map<Port, number>();
  for (const [name, port] of wanted) chosen.set(name, port ?? (await findFreePort()));
  return (name) => {
    const port = chosen.get(name);
    if (port === undefined) throw new Error(`The program was given no port called ${name}.`);
    return port;
  };
}
