import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { Dealer, type DealerBounds, type Taker } from './dealer.ts';
import { limits } from './limits.ts';

test('workers are dealt connections in turn', async () => {
  await using at = await open();
  const [one, two] = [at.worker(), at.worker()];
  for (const worker of [one, two, one, two]) {
    at.client();
    (await worker.dealt()).end('gone');
  }
  expect([one.count, two.count]).toEqual([2, 2]);
});

test('a worker gets its next connection when it has the one before, and the others do not wait for it', async () => {
  await using at = await open();
  const [slow, quick] = [at.worker(), at.worker()];
  at.client();
  const first = await slow.dealt();
  for (let turn = 0; turn < 3; turn += 1) {
    at.client();
    (await quick.dealt()).end('gone');
  }
  expect(slow.count).toBe(1);
  first.end('gone');
  at.client();
  (await quick.dealt()).end('gone');
  at.client();
  await slow.dealt();
  expect([slow.count, quick.count]).toEqual([2, 4]);
});

test('nothing is dealt to a worker that takes no more', async () => {
  await using at = await open();
  const [leaving, staying] = [at.worker(), at.worker()];
  leaving.isTaking = false;
  for (let turn = 0; turn < 3; turn += 1) {
    at.client();
    (await staying.dealt()).end('gone');
  }
  expect(leaving.count).toBe(0);
});

test('connections that come before any worker is there wait for one, in their order', async () => {
  await using at = await open();
  const ports: (number | undefined)[] = [];
  for (let turn = 0; turn < 3; turn += 1) ports.push((await at.connected()).localPort);
  const worker = at.worker();
  for (const port of ports) {
    const { connection, end } = await worker.dealt();
    expect(connection.remotePort).toBe(port);
    end('gone');
  }
});

test('a connection that a worker has is closed here, and one that was lost with it ends', async () => {
  await using at = await open();
  const worker = at.worker();
  const closed = once(at.client(), 'close');
  const { connection, end } = await worker.dealt();
  expect(connection.destroyed).toBe(false);
  end('gone');
  await closed;
  expect(connection.destroyed).toBe(true);
});

test('a connection that never left is dealt to another, and its worker gets none any more', async () => {
  await using at = await open();
  const [dead, living] = [at.worker(), at.worker()];
  at.client();
  const { connection, end } = await dead.dealt();
  end('kept');
  const again = await living.dealt();
  expect(again.connection).toBe(connection);
  again.end('gone');
  at.client();
  (await living.dealt()).end('gone');
  expect(dead.count).toBe(1);
});

test('so many connections wait, and whoever comes after them is told at once', async () => {
  await using at = await open({ waitingMax: 2 });
  const waiting = [await at.connected(), await at.connected()];
  await once(at.client(), 'close');
  expect(waiting.map(({ destroyed }) => destroyed)).toEqual([false, false]);
  const worker = at.worker();
  (await worker.dealt()).end('gone');
  expect(at.counts).toMatchObject({ full: 1, late: 0 });
});

test('a client waits for a worker for so long, and then is told', async () => {
  await using at = await open({ waitingMs: 20 });
  await once(at.client(), 'close');
  const worker = at.worker();
  at.client();
  const { connection, end } = await worker.dealt();
  expect(connection.timeout).toBe(0);
  const closed = once(connection, 'close');
  end('gone');
  await closed;
  expect(worker.count).toBe(1);
  expect(at.counts).toEqual({ dealt: 1, full: 0, late: 1 });
});

test('a dealer that ends closes its port and the connections that wait', async () => {
  const at = await open();
  const closed = once(await at.connected(), 'close');
  await at[Symbol.asyncDispose]();
  await closed;
  const [err] = await once(at.client(), 'error');
  expect(err).toMatchObject({ code: 'ECONNREFUSED' });
});

async function open(bounds: Partial<DealerBounds> = {}) {
  const dealer = new Dealer({ ...limits, ...bounds });
  const url = new URL(await dealer.open({ host: '127.0.0.1', port: 0, isTls: false }));
  const clients = new Set<Socket>();
  const client = () => {
    const socket = connect(Number(url.port), url.hostname);
    clients.add(socket.on('error', () => {}));
    socket.resume();
    return socket;
  };
  return {
    client,
    get counts() {
      return dealer.counts;
    },
    /** A client whose connection the dealer has. */
    async connected() {
      const socket = client();
      await once(socket, 'connect');
      return socket;
    },
    worker() {
      const worker = new FakeWorker();
      dealer.add(worker);
      return worker;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of clients) socket.destroy();
      await dealer[Symbol.asyncDispose]();
    },
  };
}

type Outcome = Awaited<ReturnType<Taker['take']>>;

interface Dealt {
  readonly connection: Socket;
  readonly end: (outcome: Outcome) => void;
}

class FakeWorker implements Taker {
  isTaking = true;
  count = 0;
  #next = Promise.withResolvers<Dealt>();

  async take(connection: Socket): Promise<Outcome> {
    this.count += 1;
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    this.#next.resolve({ connection, end: resolve });
    return promise;
  }

  /** The connection that it has not heard of yet. */
  async dealt(): Promise<Dealt> {
    const dealt = await this.#next.promise;
    this.#next = Promise.withResolvers();
    return dealt;
  }
}
