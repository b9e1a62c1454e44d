import type { Program } from './installed-program.ts';
import type { ServerCommand } from './keeper-protocol.ts';
import { scratchDirectory } from './local-directory.ts';
import { createScratchDirectory } from './scratch-directory.ts';
import { startOnPort } from './server-port.ts';
import { ServerProcess } from './server-process.ts';

export interface HttpServerOptions {
  /** where its data is kept; without it, the directory is temporary */
  readonly directory?: string | undefined;
  readonly port?: number | undefined;
}

/** What is different about each kind of server. */
interface HttpServerKind extends HttpServerOptions {
  /** names its temporary directory: lower-case letters */
  readonly noun: string;
  readonly program: Program;
  /** Writes what the server needs, and resolves to its arguments. One of them names a file in the
   * directory: the command line is how a later start knows whose server it is. */
  readonly prepare: (place: Place) => Promise<readonly string[]>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly readyText: string;
  readonly readyPath: string;
}

interface Place {
  readonly directory: string;
  /** host and port to listen on */
  readonly address: string;
}

interface Running {
  readonly server: ServerProcess;
  readonly commandFor: (port: number) => Promise<ServerCommand>;
  readonly port: number;
  readonly pid: number;
}

/** A server on 127.0.0.1 that answers HTTP. It ends when this process does, however that ends. */
export class HttpServer implements AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly #running: Running;
  #pid: number;

  protected constructor(running: Running) {
    this.#running = running;
    this.#pid = running.pid;
    this.port = running.port;
    this.url = `http://127.0.0.1:${String(this.port)}`;
  }

  /** Resolves when the server answers. Throws as `RedisServer.start` does. */
  protected static async launch(kind: HttpServerKind): Promise<Running> {
    const temporary = kind.directory === undefined;
    const directory = kind.directory ?? (await createScratchDirectory(scratchDirectory, kind.noun));
    const stopSignal = temporary ? 'SIGKILL' : 'SIGTERM';
    await using opened = new AsyncDisposableStack();
    const server = opened.use(await ServerProcess.open({ directory, stopSignal, temporary }));
    const commandFor = async (port: number): Promise<ServerCommand> => {
      const address = `127.0.0.1:${String(port)}`;
      return {
        file: kind.program.file,
        arguments: await kind.prepare({ directory, address }),
        environment: { ...kind.program.environment, ...kind.environment },
        workingDirectory: directory,
        readyText: kind.readyText,
        readyUrl: `http://${address}${kind.readyPath}`,
      };
    };
    const running = await startOnPort(kind.port, async (port) =>
      server.start(await commandFor(port)),
    );
    opened.move();
    return { server, commandFor, ...running };
  }

  /** Where its data, its log (server.log) and its keeper's log are. */
  get directory(): string {
    return this.#running.server.directory;
  }

  get pid(): number {
    return this.#pid;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.#running.server.stop(signal);
  }

  /** Starts it again on the same port with the same data, stopping it first if it runs. */
  async restart(): Promise<void> {
    await this.stop();
    const { server, commandFor } = this.#running;
    this.#pid = await server.start(await commandFor(this.port));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running.server[Symbol.asyncDispose]();
  }
}
