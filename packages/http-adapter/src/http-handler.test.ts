import { initTRPC } from '@trpc/server';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createHttpHandler } from './http-handler.ts';
import { openRawServer, type RawServer } from './testing/raw-exchange.ts';
import { batchOf, post, rawRequest } from './testing/requests.ts';
import { markingTransformer } from './testing/test-router.ts';

/** An output whose JSON text is known. */
class KnownOutput {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toJSON(): unknown {
    return JSON.parse(this.text);
  }
}

const encodedJson = (output: unknown) =>
  output instanceof KnownOutput ? new TextEncoder().encode(output.text) : undefined;

const t = initTRPC.create({ isDev: false });
const router = t.router({
  known: t.procedure.input(z.string()).query(({ input }) => new KnownOutput(input)),
  other: t.procedure.query(() => ({ text: 'é😀' })),
  fails: t.procedure.query(() => {
    throw new Error('é😀');
  }),
  set: t.procedure.input(z.string().optional()).mutation(({ input }) => input),
});

test('an output whose JSON is known is sent as it is, alone and in a batch with others', async () => {
  await using server = await openRawServer(
    createHttpHandler({ router, basePath: '/api', encodedJson }),
  );
  const text = '{ "a":"é😀" ,"b":1.0}';
  expect(await bodyOf(server, `/api/known?input=${encodeURIComponent(JSON.stringify(text))}`)).toBe(
    `{"result":{"data":${text}}}`,
  );
  expect(await bodyOf(server, batchOf(['other', 'known', 'fails'], { 1: text }))).toBe(
    `[{"result":{"data":{"text":"é😀"}}},{"result":{"data":${text}}},` +
      '{"error":{"message":"é😀","code":-32603,"data":{"code":"INTERNAL_SERVER_ERROR","httpStatus":500,"path":"fails"}}}]',
  );
});

test('where nothing is known of it, in a stream, and behind a transformer, such an output is JSON like any other', async () => {
  const url = batchOf(['known'], { 0: '{ "a" : 1 }' });
  await using unaware = await openRawServer(createHttpHandler({ router, basePath: '/api' }));
  expect(await bodyOf(unaware, url)).toBe('[{"result":{"data":{"a":1}}}]');

  await using aware = await openRawServer(
    createHttpHandler({ router, basePath: '/api', encodedJson }),
  );
  expect(await bodyOf(aware, url, 'trpc-accept: application/jsonl')).toContain('{"a":1}');

  const root = initTRPC.create({ transformer: markingTransformer });
  const marking = root.router({
    known: root.procedure.query(() => new KnownOutput('{ "a" : 1 }')),
  });
  await using transforming = await openRawServer(
    createHttpHandler({ router: marking, basePath: '/api', encodedJson }),
  );
  expect(await bodyOf(transforming, '/api/known')).toBe(
    '{"result":{"data":{"marked":"{\\"a\\":1}"}}}',
  );
});

test('responseHeaders adds to every answer: to errors, to streams, to what cannot be understood, beside responseMeta', async () => {
  await using server = await openRawServer(
    createHttpHandler({
      router,
      basePath: '/api',
      responseHeaders: ({ info, errors, eagerGeneration }) => [
        'x-calls',
        String(info?.calls.length),
        'x-errors',
        errors.map(({ code }) => code).join(),
        'x-eager',
        String(eagerGeneration),
      ],
      responseMeta: ({ errors }) => (errors.length > 0 ? { headers: { 'x-meta': 'set' } } : {}),
    }),
  );
  expect(await ownHeadersOf(server, '/api/other')).toEqual([
    'x-calls: 1',
    'x-eager: false',
    'x-errors: ',
  ]);
  expect(await ownHeadersOf(server, batchOf(['other', 'fails']))).toEqual([
    'x-calls: 2',
    'x-eager: false',
    'x-errors: INTERNAL_SERVER_ERROR',
    'x-meta: set',
  ]);
  expect(await ownHeadersOf(server, '/api/unknown')).toEqual([
    'x-calls: 1',
    'x-eager: false',
    'x-errors: NOT_FOUND',
    'x-meta: set',
  ]);
  const unknown = ['x-calls: undefined', 'x-eager: false'];
  expect(await ownHeadersOf(server, '/api/other', 'host: [')).toEqual([
    ...unknown,
    'x-errors: BAD_REQUEST',
  ]);
  const head = await server.exchange(rawRequest({ method: 'HEAD', url: '/api/other' }));
  expect(head.headers).toEqual(['Connection: close', ...unknown, 'x-errors: ']);
  expect(await ownHeadersOf(server, batchOf(['other']), 'trpc-accept: application/jsonl')).toEqual([
    'x-calls: 1',
    'x-eager: true',
    'x-errors: ',
  ]);
});

test('headers that a request brings along go with its answer, whatever it is', async () => {
  const handle = createHttpHandler({ router, basePath: '/api' });
  await using server = await openRawServer((req, res) =>
    handle(req, res, ['x-given', req.url ?? '', 'x-given', 'twice']),
  );
  const stream = batchOf(['other']);
  for (const [url, ...sent] of [
    ['/api/other'],
    ['/api/fails'],
    ['/api/unknown'],
    ['/api/other', 'host: ['],
    [stream, 'trpc-accept: application/jsonl'],
  ] as const) {
    expect(await ownHeadersOf(server, url, ...sent)).toEqual([`x-given: ${url}`, 'x-given: twice']);
  }
});

test.each([
  ['a query', '/api/other', null],
  ['an encoded query', '/api/k%6eown?input=%22%5B%5D%22', null],
  ['an error', '/api/fails', null],
  ['a batch', batchOf(['other', 'known', 'fails'], { 1: '[]' }), null],
  ['a mutation', '/api/set', '"é"'],
  ['a batch of mutations', '/api/set,set?batch=1', '{"0":"é"}'],
])('%s is plain: its answer says its length', async (_, url, body) => {
  await using server = await openRawServer(createHttpHandler({ router, basePath: '/api' }));
  const headers = { 'content-type': 'application/json' };
  const init = body === null ? {} : { method: 'POST', headers, body };
  const response = await fetch(`http://127.0.0.1:${server.port}${url}`, init);
  const bytes = (await response.bytes()).length;
  expect(response.headers.get('content-length')).toBe(String(bytes));
});

test.each([
  ['a query', rawRequest({ url: '/api/waits' })],
  ['a mutation', rawRequest(post('/api/changes', '"x"'))],
  ['a batch', rawRequest({ url: batchOf(['waits', 'waits']) })],
  [
    'a streamed batch',
    rawRequest({ url: batchOf(['waits']), headers: ['trpc-accept: application/jsonl'] }),
  ],
])('%s whose caller hangs up is told by its signal', async (_, request) => {
  const waiting = Promise.withResolvers<void>();
  const aborted = Promise.withResolvers<boolean>();
  const wait = async (signal: AbortSignal | undefined) => {
    const told = Promise.withResolvers<void>();
    signal?.addEventListener('abort', () => told.resolve());
    waiting.resolve();
    await told.promise;
    aborted.resolve(signal?.aborted ?? false);
  };
  const waits = t.router({
    waits: t.procedure.query(({ signal }) => wait(signal)),
    changes: t.procedure.input(z.string()).mutation(({ signal }) => wait(signal)),
  });
  await using server = await openRawServer(createHttpHandler({ router: waits, basePath: '/api' }));
  const socket = connect(server.port, '127.0.0.1');
  socket.write(request);
  await waiting.promise;
  socket.destroy();
  expect(await aborted.promise).toBe(true);
});

test('a signal does not fire once its answer is complete', async () => {
  const signals: (AbortSignal | undefined)[] = [];
  const keeps = t.router({ keeps: t.procedure.query(({ signal }) => signals.push(signal)) });
  await using server = await openRawServer(createHttpHandler({ router: keeps, basePath: '/api' }));
  await server.exchange(rawRequest({ url: '/api/keeps' }));
  expect(signals.map((signal) => signal?.aborted)).toEqual([false]);
});

test('a body that something in front has parsed is taken as tRPC takes it', async () => {
  const echo = t.router({ echo: t.procedure.input(z.unknown()).mutation(({ input }) => input) });
  await using server = await openRawServer(
    createHttpHandler({
      router: echo,
      basePath: '/api',
      middleware: (req, _res, next) => next(void Object.assign(req, { body: { parsed: true } })),
    }),
  );
  const { body } = await server.exchange(rawRequest(post('/api/echo', '{}')));
  expect(body).toBe('{"result":{"data":{"parsed":true}}}');
});

test('a connection goes on after a body that was too large', async () => {
  const handle = createHttpHandler({ router, basePath: '/api', maxBodySize: 10 });
  await using server = await openRawServer(handle);
  const large = post('/api/set', JSON.stringify('x'.repeat(2_000_000)));
  const keptAlive = rawRequest(large).toString('latin1').replace('connection: close\r\n', '');
  const { body } = await server.exchange(keptAlive + rawRequest({ url: '/api/other' }).toString());
  expect(body).toContain('"code":"PAYLOAD_TOO_LARGE"');
  expect(body).toContain('"result":');
});

test('the URL that a context asks for is the one that was requested', async () => {
  const urls: (string | undefined)[] = [];
  await using server = await openRawServer(
    createHttpHandler({
      router,
      basePath: '/api',
      createContext: ({ info }) => {
        urls.push(info.url?.href);
        return {};
      },
    }),
  );
  await server.exchange(rawRequest({ url: '/api/other?x=1', headers: ['host: name:80'] }));
  expect(urls).toEqual(['http://name/api/other?x=1']);
});

async function bodyOf(server: RawServer, url: string, ...headers: string[]): Promise<string> {
  const { body } = await server.exchange(rawRequest({ url, headers }));
  return Buffer.from(body, 'latin1').toString();
}

async function ownHeadersOf(server: RawServer, url: string, ...sent: string[]): Promise<string[]> {
  const { headers } = await server.exchange(rawRequest({ url, headers: sent }));
  return headers.filter((line) => line.startsWith('x-'));
}
