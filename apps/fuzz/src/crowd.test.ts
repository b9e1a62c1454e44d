import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { receive, type Visitor } from './crowd.ts';

const visitor: Visitor = { bytes: 'hello', leaves: 'close', afterMs: 5, isReading: true };

async function open(onConnection: (socket: Socket) => void) {
  const server: Server = createServer({ allowHalfOpen: true }, onConnection).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
}

test('each sends what it has to send and leaves in its way, whether or not it was answered', async () => {
  const ends: string[] = [];
  await using server = await open((socket) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    socket.on('end', () => {
      ends.push(`${text}, end`);
      socket.end('bye');
    });
    socket.on('error', (err) => ends.push(`${text}, ${'code' in err ? String(err.code) : ''}`));
  });
  const ways = ['reset', 'close', 'half-close'] as const;
  const crowd = ways.map((way) => ({ bytes: way, leaves: way, afterMs: 100, isReading: true }));
  expect(await receive(server.port, crowd, 10_000)).toBe(true);
  await expect
    .poll(() => ends.toSorted())
    .toEqual(['close, end', 'half-close, end', 'reset, ECONNRESET']);
});

test('one that says it has no more, and is not hung up on, is told of', async () => {
  await using server = await open((socket) => {
    // It is cut at the end, which is an error or none.
    socket.on('error', () => undefined).resume();
    socket.on('end', () => setTimeout(() => socket.destroy(), 300));
  });
  expect(await receive(server.port, [{ ...visitor, leaves: 'half-close' }], 100)).toBe(false);
});
