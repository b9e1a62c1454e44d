import { once } from 'node:events';
import type { RequestListener, ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { Admission } from './admission.ts';
import type { ConnectionBounds } from './connection-bounds.ts';
import { openHttpEndpoint } from './http-endpoint.ts';
import { limits } from './limits.ts';
import { notePage } from './unread-answers.ts';

/** Long enough for what is not being tested never to come first. */
const patient: ConnectionBounds = {
  connectionsMax: 100,
  headMs: 60_000,
  requestMs: 60_000,
  requestCheckMs: 10,
  keepAliveMs: 60_000,
  unreadMs: 60_000,
  unreadBytesMax: Infinity,
  unreadPageBytesMax: Infinity,
};
const head = 'GET / HTTP/1.1\r\nhost: a\r\n';
const request = `${head}\r\n`;
/** More than the buffers between hold. */
const large = Buffer.alloc(64 * 1_024 * 1_024);

test('a client that says nothing is cut when the time for a head is over', async () => {
  await using at = await open({ headMs: 50 }, answering);
  expect(await received(await at.connect())).toMatch(/^HTTP\/1.1 408 /);
});

test('a client that sends its head bit by bit has no more time for it', async () => {
  await using at = await open({ headMs: 100 }, answering);
  const socket = await at.connect();
  socket.write(head);
  const drip = setInterval(() => socket.write('x: y\r\n'), 5);
  expect(await received(socket)).toMatch(/^HTTP\/1.1 408 /);
  clearInterval(drip);
});

test('a client that sends its body bit by bit is cut when the time for a request is over', async () => {
  await using at = await open({ requestMs: 100 }, (req, res) => {
    req.resume().once('end', () => res.end());
  });
  const socket = await at.connect();
  socket.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\n');
  const drip = setInterval(() => socket.write('x'), 5);
  expect(await received(socket)).toMatch(/^HTTP\/1.1 408 /);
  clearInterval(drip);
});

test('a client that ends its side without a request is hung up on', async () => {
  await using at = await open({}, answering);
  const socket = await at.connect();
  socket.end(head);
  expect(await received(socket)).not.toContain('200');
});

test('a connection that stays idle after an answer is closed', async () => {
  await using at = await open({ keepAliveMs: 1 }, answering);
  const socket = await at.connect();
  socket.write(request);
  expect(await received(socket)).toMatch(/^HTTP\/1.1 200 /);
});

test('a client that does not read its answer is cut, whatever it sends meanwhile', async () => {
  const ended = Promise.withResolvers<boolean>();
  await using at = await open({ unreadMs: 200 }, (_, res) => {
    res.once('close', () => ended.resolve(res.writableFinished));
    res.end(large);
  });
  const socket = await at.connect();
  socket.pause();
  socket.write(request);
  const drip = setInterval(() => socket.write('\r\n'), 5);
  expect(await ended.promise).toBe(false);
  clearInterval(drip);
});

test('a client that does not read its answer holds no place among the requests in flight', async () => {
  using admission = new Admission({ ...limits, requestsMax: 1 });
  const admitted: boolean[] = [];
  await using at = await open({}, (_, res) => {
    admitted.push(admission.admit(res));
    res.end(large);
  });
  const unread = await at.connect();
  unread.pause();
  unread.write(request);
  const socket = await at.connect();
  socket.end(request);
  await once(socket, 'data');
  expect(admitted).toEqual([true, true]);
});

test('answers that nobody reads are so many bytes together: whose answer does not fit is cut, and no other', async () => {
  let count = 0;
  const arrived = Promise.withResolvers<void>();
  const cut = Promise.withResolvers<number>();
  await using at = await open({ unreadBytesMax: 1.5 * large.length }, (_, res) => {
    const number = (count += 1);
    res.once('close', () => cut.resolve(number));
    res.end(large);
    arrived.resolve();
  });
  const ask = async () => {
    const socket = await at.connect();
    socket.pause();
    socket.write(request);
  };
  await ask();
  await arrived.promise;
  await ask();
  expect(await cut.promise).toBe(2);
});

test('pages that nobody reads take no place from answers, and are so many bytes of their own', async () => {
  let count = 0;
  const closed: number[] = [];
  const arrivals = [1, 2, 3].map(() => Promise.withResolvers<void>());
  const bounds = { unreadBytesMax: 1.5 * large.length, unreadPageBytesMax: 1.5 * large.length };
  await using at = await open(bounds, (_, res) => {
    const number = (count += 1);
    if (number !== 2) notePage(res);
    res.once('close', () => {
      closed.push(number);
      arrivals[number - 1]?.resolve();
    });
    res.end(large);
    if (number !== 3) arrivals[number - 1]?.resolve();
  });
  for (const arrived of arrivals) {
    const socket = await at.connect();
    socket.pause();
    socket.write(request);
    await arrived.promise;
  }
  expect(closed).toEqual([3]);
});

test('a client that waits for a call that takes long is not cut', async () => {
  const arrived = Promise.withResolvers<ServerResponse>();
  await using at = await open({ unreadMs: 10 }, (_, res) => arrived.resolve(res));
  const socket = await at.connect();
  socket.write(request);
  const res = await arrived.promise;
  if (res.socket) await once(res.socket, 'timeout');
  res.end('at last');
  socket.end();
  expect(await received(socket)).toMatch(/at last$/);
});

test('a connection too many is closed at once and counted, those that are open live on, and the next may come when one ends', async () => {
  let refused = 0;
  await using at = await open({ connectionsMax: 2 }, answering, () => (refused += 1));
  const [first, second] = [await at.connect(), await at.connect()];
  expect(await received(await at.connect())).toBe('');
  expect(refused).toBe(1);
  second.end(request);
  expect(await received(second)).toMatch(/^HTTP\/1.1 200 /);
  const third = await at.connect();
  for (const socket of [first, third]) {
    socket.end(request);
    expect(await received(socket)).toMatch(/^HTTP\/1.1 200 /);
  }
});

/** All that arrives until the connection is closed; one that is cut while its client sends may end with a reset. */
async function received(socket: Socket): Promise<string> {
  let answer = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => (answer += chunk));
  await new Promise((resolve) => socket.once('close', resolve));
  return answer;
}

const answering: RequestListener = (_, res) => {
  res.end();
};

async function open(
  bounds: Partial<ConnectionBounds>,
  listener: RequestListener,
  onRefused = () => {},
) {
  const endpoint = await openHttpEndpoint({
    listener,
    host: '127.0.0.1',
    port: 0,
    drainMs: 100,
    bounds: { ...patient, ...bounds },
    onRefused,
  });
  const sockets: Socket[] = [];
  return {
    async connect() {
      const socket = connect(Number(new URL(endpoint.url).port), '127.0.0.1');
      // Being cut is what is tested.
      socket.on('error', () => {});
      sockets.push(socket);
      await once(socket, 'connect');
      return socket;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await endpoint[Symbol.asyncDispose]();
    },
  };
}
