import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from './random.ts';

/**
 * Stands between a client and a server on this machine and does to their connections what networks do.
 *
 * - `delay`: each connection is late by a span of its own, more or less, so that messages of different connections
 *   overtake each other;
 * - `stall`: nothing passes until `heal`, then all of it does;
 * - `swallow`: what is sent is gone, ends of connections too, and nobody is told (a black hole);
 * - `refuse`: connections are reset, new ones too.
 */
export type LinkMode = 'pass' | 'delay' | 'stall' | 'swallow' | 'refuse';

export class FaultProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #random: Random;
  readonly #pairs = new Set<Pair>();
  #targetPort: number;
  #mode: LinkMode = 'pass';
  #delayMaxMs = 0;
  #losesCommits = false;

  private constructor(targetPort: number, random: Random) {
    this.#targetPort = targetPort;
    this.#random = random;
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
  }

  static async open(targetPort: number, random: Random): Promise<FaultProxy> {
    const proxy = new FaultProxy(targetPort, random);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('It does not listen.');
    return address.port;
  }

  /** Resets all connections; those that follow go to another server. */
  redirect(targetPort: number): void {
    this.#targetPort = targetPort;
    this.reset();
  }

  set(mode: Exclude<LinkMode, 'delay'>): void {
    this.#mode = mode;
    if (mode === 'refuse') this.reset();
    for (const { client, server } of this.#pairs) {
      if (mode === 'stall') for (const socket of [client, server]) socket.pause();
      else for (const socket of [client, server]) socket.resume();
    }
  }

  delay(maxMs: number): void {
    this.#mode = 'delay';
    this.#delayMaxMs = maxMs;
  }

  /** As a restarting server or a failing network card does. */
  reset(): void {
    for (const pair of this.#pairs) resetPair(pair);
  }

  /**
   * On every connection of now: one side is told that the other has no more to say, and gets no answer. What the
   * client says still reaches the server; or the server has ended it all, and the client hears nothing of that.
   */
  halfClose(told: 'client' | 'server'): void {
    for (const pair of this.#pairs) {
      pair.ended = told;
      pair[told].end();
    }
  }

  /** From now on the answer to a COMMIT never arrives, and the connection breaks. */
  loseCommits(): void {
    this.#losesCommits = true;
  }

  heal(): void {
    this.#losesCommits = false;
    // What was swallowed is missing from those connections for good.
    for (const pair of this.#pairs) {
      if (this.#mode === 'swallow' || pair.ended !== undefined) resetPair(pair);
    }
    this.set('pass');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { client, server } of this.#pairs) {
      client.destroy();
      server.destroy();
    }
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    if (this.#mode === 'refuse') {
      client.resetAndDestroy();
      return;
    }
    const server = connect({ port: this.#targetPort, host: '127.0.0.1', allowHalfOpen: true });
    const pair: Pair = { client, server, lagRatio: this.#random.next(), commits: false };
    this.#pairs.add(pair);
    this.#forward(pair, 'client');
    this.#forward(pair, 'server');
    if (this.#mode === 'stall') for (const socket of [client, server]) socket.pause();
  }

  #forward(pair: Pair, side: Side): void {
    const [from, to] = side === 'client' ? [pair.client, pair.server] : [pair.server, pair.client];
    from.setNoDelay(true);
    from.on('error', () => undefined);
    from.on('data', (data: Buffer) => this.#pass(pair, { side, to, data }));
    from.on('end', () => {
      if (this.#mode === 'swallow' || pair.ended !== undefined) return;
      if (pair.late === undefined) to.end();
      else void pair.late.then(() => to.end());
    });
    from.on('close', () => {
      const isUnheard =
        this.#mode === 'swallow' || (pair.ended === 'server' && from === pair.server);
      if (isUnheard && !to.destroyed) return;
      to.destroy();
      this.#pairs.delete(pair);
    });
  }

  #pass(pair: Pair, { side, to, data }: { side: Side; to: Socket; data: Buffer }): void {
    if (this.#losesCommits && side === 'client' && data.includes('COMMIT')) pair.commits = true;
    if (this.#losesCommits && side === 'server' && pair.commits) {
      pair.client.resetAndDestroy();
      return;
    }
    if (this.#mode === 'swallow' || !to.writable) return;
    if (this.#mode === 'delay') void this.#later(pair, to, data);
    else if (pair.late === undefined) to.write(data);
    else pair.late = pair.late.then(() => void to.write(data));
  }

  /** In order within a connection. */
  async #later(pair: Pair, to: Socket, data: Buffer): Promise<void> {
    const before = pair.late;
    const lagMs = pair.lagRatio * this.#delayMaxMs * (0.5 + this.#random.next());
    const turn = (async () => {
      await delay(lagMs);
      await before;
      if (to.writable) to.write(data);
    })();
    pair.late = turn;
    await turn;
    if (pair.late === turn) pair.late = undefined;
  }
}

type Side = 'client' | 'server';

function resetPair({ client, server }: Pair): void {
  client.resetAndDestroy();
  server.resetAndDestroy();
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  /** This connection's share of the longest delay. */
  readonly lagRatio: number;
  commits: boolean;
  /** Who was told that the other has no more to say. */
  ended?: Side | undefined;
  /** Settles when what was delayed has been passed on. */
  late?: Promise<void> | undefined;
}
