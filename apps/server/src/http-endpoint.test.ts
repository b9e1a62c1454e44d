import { once } from 'node:events';
import {
  Agent,
  type IncomingMessage,
  request as openRequest,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { connect, createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { type HttpOptions, openHttpEndpoint, openPortlessEndpoint } from './http-endpoint.ts';
import { listen } from './listen.ts';

describe.each([
  { kind: 'at a port', open: openAtPort },
  { kind: 'that is given its connections', open: openPortless },
])('an endpoint $kind', ({ open }) => {
  test('a request in flight finishes before the endpoint is closed', async () => {
    const { listener, arrived } = held();
    const endpoint = await open(listener);
    const response = fetch(endpoint.url);
    const res = await arrived;
    const closed = endpoint[Symbol.asyncDispose]();
    res.end('done');
    expect(await (await response).text()).toBe('done');
    await closed;
  });

  test('an answer that has begun to stream finishes, though its connection is kept alive', async () => {
    const { listener, arrived } = held();
    const endpoint = await open(listener);
    const response = fetch(endpoint.url);
    const res = await arrived;
    res.write('half ');
    const { headers, body } = await response;
    expect(headers.get('connection')).toBe('keep-alive');
    const closed = endpoint[Symbol.asyncDispose]();
    res.end('done');
    expect(await new Response(body).text()).toBe('half done');
    await closed;
  });

  test('a client that keeps its connection is told to hang up when the endpoint closes', async () => {
    const { listener, arrived } = held();
    const endpoint = await open(listener);
    const response = fetch(endpoint.url);
    const res = await arrived;
    const closed = endpoint[Symbol.asyncDispose]();
    res.end();
    expect((await response).headers.get('connection')).toBe('close');
    await closed;
  });

  test('a request whose answer came before its end does not hold up the endpoint', async () => {
    const endpoint = await open((req, res) => {
      res.once('finish', () => req.resume());
      res.end('too long');
    });
    const request = openRequest(endpoint.url, {
      method: 'POST',
      headers: { 'content-length': '8' },
      agent: new Agent({ keepAlive: true }),
    });
    request.write('half');
    request.once('response', (response) => response.resume());
    await once(request, 'response');
    const closed = endpoint[Symbol.asyncDispose]();
    request.end('full');
    await expect(closed).resolves.toBeUndefined();
  });

  test('a closed endpoint accepts nothing new', async () => {
    const endpoint = await open((_req, res) => res.end());
    await fetch(endpoint.url);
    await endpoint[Symbol.asyncDispose]();
    await expect(fetch(endpoint.url)).rejects.toThrow('fetch failed');
  });

  test('a request that outlives the time to drain is cut', async () => {
    const { listener, arrived } = held();
    const endpoint = await open(listener, { drainMs: 1 });
    const cut = fetch(endpoint.url).catch(() => 'cut');
    await arrived;
    await endpoint[Symbol.asyncDispose]();
    expect(await cut).toBe('cut');
  });

  test('a client that sends half a request for too long is told so', async () => {
    await using endpoint = await open(() => {}, { bounds: { requestMs: 50, requestCheckMs: 50 } });
    const client = connect(Number(new URL(endpoint.url).port), '127.0.0.1');
    client.write('GET / HTTP/1.1\r\n');
    const [answer] = await once(client, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1.1 408 /);
  });

  test('an idle connection is cut as soon as the endpoint closes', async () => {
    const endpoint = await open((_req, res) => res.end('done'));
    const agent = new Agent({ keepAlive: true });
    await answerOf(endpoint.url, agent);
    const [idle] = Object.values(agent.freeSockets).flat();
    if (idle === undefined) throw new Error('The client keeps no connection.');
    const cut = once(idle, 'close');
    await endpoint[Symbol.asyncDispose]();
    await expect(cut).resolves.toEqual([false]);
  });
});

test('an endpoint that retires answers a request on an idle connection, and ends it with that answer', async () => {
  const endpoint = await openPortless((_, res) => res.end('done'));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  expect((await answerOf(endpoint.url, agent)).headers.connection).toBe('keep-alive');
  const retired = endpoint.retire(60_000);
  expect((await answerOf(endpoint.url, agent)).headers.connection).toBe('close');
  await retired;
  await endpoint[Symbol.asyncDispose]();
});

test('a client that stays idle holds up an endpoint that retires no longer than it was given', async () => {
  const endpoint = await openPortless((_, res) => res.end('done'));
  const agent = new Agent({ keepAlive: true });
  await answerOf(endpoint.url, agent);
  const [idle] = Object.values(agent.freeSockets).flat();
  if (idle === undefined) throw new Error('The client keeps no connection.');
  await endpoint.retire(1);
  expect(idle.destroyed).toBe(false);
  const cut = once(idle, 'close');
  await endpoint[Symbol.asyncDispose]();
  await cut;
});

test('a connection that comes when all has ended is closed', async () => {
  const endpoint = openPortlessEndpoint({ listener: (_, res) => res.end('done') });
  const port = createServer((connection) => endpoint.take(connection));
  const url = await listen(port, { host: '127.0.0.1', port: 0, isTls: false });
  await endpoint[Symbol.asyncDispose]();
  await expect(fetch(url)).rejects.toThrow('fetch failed');
  port.close();
});

test('a port that is taken is an error and not a crash', async () => {
  await using endpoint = await openAtPort((_req, res) => res.end());
  const port = Number(new URL(endpoint.url).port);
  const again = openHttpEndpoint({ listener: () => {}, host: '127.0.0.1', port });
  await expect(again).rejects.toThrow('EADDRINUSE');
});

test('the URL of an IPv6 address can be used', async () => {
  await using endpoint = await openHttpEndpoint({
    listener: (_req, res) => res.end('here'),
    host: '::1',
    port: 0,
  });
  expect(await (await fetch(endpoint.url)).text()).toBe('here');
});

type Bounds = Omit<HttpOptions, 'listener'>;

async function openAtPort(listener: RequestListener, bounds: Bounds = {}) {
  return openHttpEndpoint({ listener, host: '127.0.0.1', port: 0, ...bounds });
}

/** Gets its connections from somebody else, who has the port. */
async function openPortless(listener: RequestListener, bounds: Bounds = {}) {
  const endpoint = openPortlessEndpoint({ listener, ...bounds });
  const port = createServer((connection) => endpoint.take(connection));
  const url = await listen(port, { host: '127.0.0.1', port: 0, isTls: false });
  return {
    url,
    retire: async (graceMs: number) => endpoint.retire(graceMs),
    async [Symbol.asyncDispose]() {
      port.close();
      await endpoint[Symbol.asyncDispose]();
    },
  };
}

/** A listener that leaves its first request open. */
function held() {
  const { promise: arrived, resolve } = Promise.withResolvers<ServerResponse>();
  const listener: RequestListener = (_req, res) => resolve(res);
  return { listener, arrived };
}

async function answerOf(url: string, agent: Agent): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  openRequest(url, { agent }, resolve).on('error', reject).end();
  const response = await promise;
  response.resume();
  await once(response, 'close');
  return response;
}
