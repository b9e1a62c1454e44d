import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { beforeEach, expect, test } from 'vitest';
import type { Answer } from './answer.ts';
import { type ClientOptions, createClient } from './client.ts';

let url: string;
/** How the requests to come are answered, one each; then every one with the last. */
let answers: RequestListener[];
let paths: string[];
let told: Answer[];

beforeEach(async () => {
  paths = [];
  told = [];
  const server = createServer((req, res) => {
    paths.push(req.url?.split('?')[0] ?? '');
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    answer?.(req, res);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  return () => server.close();
});

const traceId = '0af7651916cd43dd8448eb211c80319c';
const headers = {
  'content-type': 'application/json',
  'x-cache': 'hit',
  'server-timing': 'cache;dur=0.48, db;dur=12.00',
  traceparent: `00-${traceId}-b7ad6b7169203331-01`,
};
const good = answering(200, { result: { data: [] } });
const refused = answering(409, {
  error: {
    message: 'Taken.',
    code: -32009,
    data: { code: 'CONFLICT', httpStatus: 409, serviceCode: 'SKU_TAKEN' },
  },
});

function answering(status: number, body: unknown, sent: Record<string, string> = headers) {
  const listener: RequestListener = (_, res) =>
    res.writeHead(status, sent).end(JSON.stringify(body));
  return listener;
}

function clientWith(options: Partial<ClientOptions> = {}) {
  return createClient({ url, batch: false, onAnswer: (answer) => told.push(answer), ...options });
}

test('an answer tells where it came from, how long it took and under which trace', async () => {
  answers = [good];
  await clientWith().product.popular.query({ limit: 3 });
  expect(told).toEqual([
    {
      path: 'product.popular',
      type: 'query',
      input: { limit: 3 },
      status: 200,
      cache: 'hit',
      traceId,
      durationMs: expect.any(Number),
      isReplay: false,
      serverTiming: { cacheMs: 0.48, dbMs: 12 },
    },
  ]);
  expect(told[0]?.durationMs).toBeGreaterThan(0);
});

test('an answer that a mutation got before is a replay', async () => {
  answers = [
    answering(200, { result: { data: {} } }, { ...headers, 'idempotency-replayed': 'true' }),
  ];
  await clientWith().product.delete.mutate({ id: 1 });
  expect(told).toMatchObject([{ isReplay: true }]);
});

test('what an answer does not tell is undefined', async () => {
  answers = [answering(200, { result: { data: [] } }, { 'content-type': 'application/json' })];
  await clientWith().product.popular.query();
  expect(told).toMatchObject([{ cache: undefined, traceId: undefined, serverTiming: {} }]);
});

test('a refusal is an answer, and so is that of a gateway', async () => {
  const client = clientWith({ retryForMs: 0 });
  answers = [refused];
  await client.product.update.mutate({ id: 1, sku: 'A' }).catch(ignore);
  answers = [answering(502, 'Bad Gateway', { 'content-type': 'text/html' })];
  await client.product.popular.query().catch(ignore);
  expect(told).toMatchObject([
    { path: 'product.update', type: 'mutation', status: 409, cache: 'hit' },
    { path: 'product.popular', status: 502, cache: undefined },
  ]);
});

test('of a call that is sent again only the last answer is told, and no answer is none', async () => {
  answers = [answering(503, '', { 'content-type': 'text/html' }), good];
  await clientWith().product.popular.query();
  expect(told).toMatchObject([{ status: 200 }]);
  answers = [(req) => req.socket.destroy()];
  await clientWith({ retryForMs: 0 }).product.popular.query().catch(ignore);
  expect(told).toHaveLength(1);
});

test('without batches every query travels alone', async () => {
  answers = [good];
  const client = clientWith();
  await Promise.all([client.product.popular.query(), client.category.list.query()]);
  expect(paths.toSorted()).toEqual(['/category.list', '/product.popular']);
  expect(told).toHaveLength(2);
});

test('what the callback throws is an uncaught error, and the call gets its answer', async () => {
  answers = [good];
  const fault = new Error('of the callback');
  using uncaught = catchUncaught();
  const client = clientWith({
    onAnswer: () => {
      throw fault;
    },
  });
  expect(await client.product.popular.query()).toEqual([]);
  expect(uncaught.errors).toEqual([fault]);
});

/** Takes the place of the test runner's own listeners. */
function catchUncaught() {
  const errors: unknown[] = [];
  const listeners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (err) => errors.push(err));
  return {
    errors,
    [Symbol.dispose]: () => {
      process.removeAllListeners('uncaughtException');
      for (const listener of listeners) process.on('uncaughtException', listener);
    },
  };
}

function ignore(): void {
  // What the call rejects with is not looked at here.
}
