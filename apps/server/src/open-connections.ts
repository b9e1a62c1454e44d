import type { Server, Socket } from 'node:net';

/** The connections of a server that are open, those too that it was given: Node counts only what it accepted itself. */
export class OpenConnections {
  readonly #open = new Set<Socket>();
  #none = Promise.withResolvers<void>();

  constructor(server: Server) {
    server.on('connection', (connection: Socket) => {
      this.#open.add(connection);
      connection.once('close', () => this.#remove(connection));
    });
  }

  /** Resolves when none is open. */
  async none(): Promise<void> {
    if (this.#open.size > 0) await this.#none.promise;
  }

  destroy(): void {
    for (const connection of this.#open) connection.destroy();
  }

  #remove(connection: Socket): void {
    this.#open.delete(connection);
    if (this.#open.size > 0) return;
    this.#none.resolve();
    this.#none = Promise.withResolvers();
  }
}
