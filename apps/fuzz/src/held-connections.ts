import fc from 'fast-check';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { unfinished } from './request-framings.ts';
import type { Target } from './target.ts';

/** Longer than the service lets a client take for one request, and what it takes to notice. */
const heldMsMax = 45_000;

/** Clients that begin a request and then stay, silent. */
export class HeldConnections implements AsyncDisposable {
  readonly #sockets: readonly Socket[];
  readonly #openedMs = performance.now();

  private constructor(sockets: readonly Socket[]) {
    this.#sockets = sockets;
  }

  static async open(
    { ports, tokens }: Target,
    seed: number,
    count: number,
  ): Promise<HeldConnections> {
    const inputs = count === 0 ? [] : fc.sample(unfinished, { seed, numRuns: count });
    const sockets = inputs.map(({ bytes }, index) => {
      const port = index % 4 === 0 ? ports.operations : ports.service;
      const socket = connect({ port, host: '127.0.0.1' });
      socket.on('error', () => undefined).resume();
      socket.write(
        bytes.replaceAll(/<<(\w+)>>/g, (whole, name: string) => tokens.get(name) ?? whole),
        'latin1',
      );
      return socket;
    });
    await Promise.all(sockets.map(async (socket) => once(socket, 'connect')));
    return new HeldConnections(sockets);
  }

  get count(): number {
    return this.#sockets.length;
  }

  /** How many the server has still not hung up on when it should have. */
  async leftOpen(withinMs = heldMsMax): Promise<number> {
    const open = this.#sockets.filter(({ closed }) => !closed);
    const closing = open.map(async (socket) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      socket.once('close', () => resolve());
      return promise;
    });
    const over = new AbortController();
    const leftMs = Math.max(0, withinMs - (performance.now() - this.#openedMs));
    const late = delay(leftMs, undefined, { signal: over.signal }).catch(() => undefined);
    await Promise.race([Promise.all(closing), late]);
    over.abort();
    return open.filter(({ closed }) => !closed).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
  }
}
