import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * Passes on what a client and its server say to each other, until the network loses their connections in
 * silence: then neither hears another word, nor that the other one is gone, as behind a firewall that forgot
 * them. Connections that are made afterwards work. What the server says may be changed on its way.
 */
export class TcpProxy implements AsyncDisposable {
  readonly #target: URL;
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  readonly #silent = new Set<readonly [Socket, Socket]>();

  readonly #retold: (said: Buffer) => Buffer;

  private constructor(targetUrl: string, retold: (said: Buffer) => Buffer) {
    this.#target = new URL(targetUrl);
    this.#retold = retold;
    this.#server = createServer((client) => this.#accept(client));
  }

  static async open(
    targetUrl: string,
    retold: (said: Buffer) => Buffer = (said) => said,
  ): Promise<TcpProxy> {
    const proxy = new TcpProxy(targetUrl, retold);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** The target's URL, through here. */
  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('It does not listen.');
    const url = new URL(this.#target);
    url.hostname = address.address;
    url.port = String(address.port);
    return url.href;
  }

  /** Loses every connection there is; how many they were. */
  silence(): number {
    const lost = [...this.#pairs].filter((pair) => !this.#silent.has(pair));
    for (const pair of lost) this.#silent.add(pair);
    return lost.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of [...this.#pairs].flat()) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    const server = connect(Number(this.#target.port), this.#target.hostname);
    const pair = [client, server] as const;
    this.#pairs.add(pair);
    for (const [from, to] of [pair, [server, client] as const]) {
      from.setNoDelay(true);
      from.on('error', () => undefined);
      from.on('data', (data: Buffer) => {
        if (!this.#silent.has(pair)) to.write(from === server ? this.#retold(data) : data);
      });
      from.on('close', () => {
        if (!this.#silent.has(pair)) to.destroy();
        if (client.destroyed && server.destroyed) this.#pairs.delete(pair);
      });
    }
  }
}
