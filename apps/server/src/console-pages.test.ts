import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as openRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { ConsolePages } from './console-pages.ts';
import { RateLimits } from './rate-limits.ts';
import { startService, type RunningService } from './testing/running-service.ts';

const page = '<!doctype html><title>The page</title>';
const script = 'console.log("the script of the page, long enough to be compressed")'.repeat(20);
const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

let directory: string;
let service: RunningService;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'throughline-console-'));
  await mkdir(path.join(directory, 'assets'));
  await writeFile(path.join(directory, 'index.html'), page);
  await writeFile(path.join(directory, 'assets/main-abc.js'), script);
  await writeFile(path.join(directory, 'assets/main-abc.js.br'), brotliCompressSync(script));
  await writeFile(path.join(directory, 'assets/main-abc.js.gz'), gzipSync(script));
  await writeFile(path.join(directory, 'notes.txt'), 'of nobody');
  service = await startService(true, {
    corsOrigins: ['https://shop.example'],
    pages: await ConsolePages.load(directory),
  });
  return async () => {
    await service[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  };
});

test.each(['/', '/products/7', '/operations', '/trpcs', '/products/7?from=search'])(
  'a browser that opens %s gets the page',
  async (opened) => {
    const response = await get(opened, { headers: html });
    expect([response.status, await response.text()]).toEqual([200, page]);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-cache');
  },
);

test.each([
  ['a program that asks for a path of no file', '/products/7', { accept: 'application/json' }],
  ['whoever does not say what it takes', '/products/7', {}],
  ['a page that loads a file of another release', '/assets/main-old.js', html],
  ['whoever asks for what no browser is sent', '/notes.txt', {}],
  ['whoever looks for a folder', '/assets', {}],
  ['whoever climbs out', '/assets/..%2f..%2fpackage.json', {}],
])('%s is told that there is nothing', async (_, asked, headers) => {
  const response = await get(asked, { headers });
  expect(response.status).toBe(404);
  expect(await response.text()).toContain('PATH_NOT_FOUND');
});

test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('%s is for no page', async (method) => {
  const response = await get('/', { method, headers: html });
  expect(await response.text()).toContain('PATH_NOT_FOUND');
});

test('calls are answered as ever, also to who takes pages', async () => {
  const response = await service.request('product.popular', { headers: html });
  expect(await response.json()).toEqual({ result: { data: [] } });
});

test('a file whose name holds its hash is kept for good', async () => {
  const response = await get('/assets/main-abc.js', {});
  expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect(await response.text()).toBe(script);
});

describe('encodings', () => {
  test.each([
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip', 'gzip'],
    ['GZIP;q=0.5', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['br;q=0.0,gzip;q=0', undefined],
    ['brotli', undefined],
    ['identity', undefined],
    ['', undefined],
  ])('who takes "%s" gets %s', async (accepted, encoding) => {
    const { headers, body } = await raw('/assets/main-abc.js', { 'accept-encoding': accepted });
    expect(headers['content-encoding']).toBe(encoding);
    expect(headers.vary).toBe('accept-encoding');
    expect(headers['content-length']).toBe(String(body.length));
    expect(decoded(body, encoding)).toBe(script);
  });

  test('a file that was not compressed is sent as it is', async () => {
    const { headers, body } = await raw('/', { 'accept-encoding': 'br' });
    expect([headers['content-encoding'], body.toString()]).toEqual([undefined, page]);
  });
});

test('whoever has the file already is told so, for each encoding by itself', async () => {
  const plain = await raw('/assets/main-abc.js', {});
  const small = await raw('/assets/main-abc.js', { 'accept-encoding': 'br' });
  const { etag = '' } = plain.headers;
  expect(etag).not.toBe(small.headers.etag);
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
    const again = await raw('/assets/main-abc.js', { 'if-none-match': known });
    expect([again.statusCode, again.body.length, again.headers.etag]).toEqual([304, 0, etag]);
  }
  const other = await raw('/assets/main-abc.js', { 'if-none-match': small.headers.etag ?? '' });
  expect(other.statusCode).toBe(200);
});

test('HEAD is answered with the head of GET', async () => {
  const [asked, looked] = [await raw('/', html), await raw('/', html, 'HEAD')];
  const { date: _, ...head } = asked.headers;
  expect(looked.headers).toMatchObject(head);
  expect(looked.body.length).toBe(0);
});

test('the page runs, shows and asks nothing but what the service serves, and no other origin may have it', async () => {
  const response = await get('/', { headers: { ...html, origin: 'https://shop.example' } });
  const policy = response.headers.get('content-security-policy') ?? '';
  expect(policy.split('; ')).toEqual(
    expect.arrayContaining(["default-src 'none'", "script-src 'self'", "style-src 'self'"]),
  );
  expect(policy).not.toContain('unsafe');
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  expect(response.headers.get('referrer-policy')).toBe('no-referrer');
  expect(response.headers.has('access-control-allow-origin')).toBe(false);
});

test('a build under a running process changes nothing of what it serves', async () => {
  await rm(path.join(directory, 'assets/main-abc.js'));
  await writeFile(path.join(directory, 'index.html'), 'another');
  expect(await (await get('/assets/main-abc.js', {})).text()).toBe(script);
  expect(await (await get('/', {})).text()).toBe(page);
});

test('where the console was not built, the page says how to, and all else is as without it', async () => {
  await using other = await startService(true, {
    pages: await ConsolePages.load(path.join(directory, 'none')),
  });
  const opened = await fetch(new URL('/', other.url), { headers: html });
  expect(opened.status).toBe(404);
  expect(await opened.text()).toBe(
    'The console is not built: npm run build --workspace apps/console\n',
  );
  const deep = await fetch(new URL('/products/7', other.url), { headers: html });
  expect(await deep.text()).toContain('PATH_NOT_FOUND');
});

describe('where an address may send one request a second', () => {
  const counts = {
    isReady: false,
    eval: () => Promise.reject(new Error('Redis is away.')),
    [Symbol.asyncDispose]: async () => {},
  };
  const perAddress = { perToken: undefined, perAddress: 1, proxyHops: 0, prefix: 'test', counts };

  test('pages count as calls do: beyond, both are refused and told when to come again', async () => {
    await using limited = await startService(true, {
      rates: new RateLimits(perAddress),
      pages: await ConsolePages.load(directory),
    });
    const open = async (asked: string) => fetch(new URL(asked, limited.url), { headers: html });
    for (let sent = 0; sent < 5; sent += 1) {
      expect(await (await open('/')).text()).toBe(page);
      expect(await (await open('/assets/main-abc.js')).text()).toBe(script);
    }
    const refused = await open('/');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await refused.json()).toMatchObject({
      error: { data: { serviceCode: 'RATE_LIMITED' } },
    });
    expect((await limited.request('product.popular')).status).toBe(429);
    expect(await limited.exposeMetrics()).toContain('http_rejected_total{reason="rate"} 2\n');
  });
});

function get(asked: string, init: RequestInit): Promise<Response> {
  return fetch(new URL(asked, service.url), init);
}

function decoded(body: Buffer, encoding: string | undefined): string {
  const decode = encoding === undefined ? undefined : decoders[encoding];
  return (decode?.(body) ?? body).toString();
}

const decoders: Record<string, (body: Buffer) => Buffer> = {
  br: (body) => brotliDecompressSync(body),
  gzip: (body) => gunzipSync(body),
};

/** What the server sent, before any client makes something of it. */
async function raw(asked: string, headers: Record<string, string>, method = 'GET') {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const url = new URL(asked, service.url);
  openRequest(url, { method, headers }, resolve).on('error', reject).end();
  const response = await promise;
  const body = Buffer.concat(await response.toArray());
  return { statusCode: response.statusCode, headers: response.headers, body };
}
