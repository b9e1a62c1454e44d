import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { limits } from './limits.ts';
import { PublicHeaders } from './public-headers.ts';
import { rawAnswer } from './testing/raw-answer.ts';
import { startService, type RunningService } from './testing/running-service.ts';
import { tokenWith } from './testing/tokens.ts';

const shop = 'https://shop.example';
let closed: RunningService;
let open: RunningService;

beforeAll(async () => {
  closed = await startService();
  open = await startService(true, { corsOrigins: [shop, 'http://localhost:5173'] });
});
afterAll(async () => {
  await Promise.all([closed[Symbol.asyncDispose](), open[Symbol.asyncDispose]()]);
});

/** One request for every way that an answer can come about. */
const requests: [string, [string, ...string[]]][] = [
  ['a read', ['GET /trpc/product.popular']],
  ['a batch', ['GET /trpc/product.popular,category.list?batch=1&input=%7B%7D']],
  ['a streamed batch', ['GET /trpc/product.popular?batch=1', 'trpc-accept: application/jsonl']],
  ['a refusal of a call', ['GET /trpc/cache.status']],
  ['a call to no procedure', ['GET /trpc/nothing']],
  ['a wrong method of a procedure', ['GET /trpc/product.delete']],
  ['a path outside', ['GET /']],
  ['a wrong method', ['DELETE /trpc/product.popular']],
  ['a URL that is too long', [`GET /trpc/product.popular?${'x'.repeat(limits.urlBytesMax)}`]],
  ['a query that cannot be parsed', ['GET /trpc/product.byId?input=%7B']],
];

describe.each(requests)('%s', (_what, lines) => {
  test('has every security header once, and says nothing of what answers', async () => {
    const headers = headersOf(await rawAnswer(closed.url, lines));
    const security = headers.filter(([name]) =>
      /^(x-content|content-sec|refer|cross|strict)/.test(name),
    );
    expect(security).toEqual([
      ['x-content-type-options', 'nosniff'],
      ['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
      ['referrer-policy', 'no-referrer'],
      ['cross-origin-resource-policy', 'same-origin'],
    ]);
    expect(headers.map(([name]) => name)).not.toContain('server');
    expect(headers.map(([name]) => name)).not.toContain('x-powered-by');
  });

  test('says nothing of CORS where no origin is configured', async () => {
    const headers = headersOf(await rawAnswer(closed.url, [...lines, `origin: ${shop}`]));
    expect(headers.filter(isOfCors)).toEqual([]);
    expect(variesByOrigin(headers)).toBe(false);
  });

  test('may be read by a page of a configured origin, with its own headers', async () => {
    const headers = headersOf(await rawAnswer(open.url, [...lines, `origin: ${shop}`]));
    expect(headers.filter(isOfCors)).toEqual([
      ['access-control-allow-origin', shop],
      [
        'access-control-expose-headers',
        'x-cache, server-timing, traceparent, idempotency-replayed, retry-after',
      ],
    ]);
    expect(variesByOrigin(headers)).toBe(true);
  });

  test.each([
    'https://evil.example',
    'https://shop.example.evil.example',
    'https://SHOP.example',
    'http://shop.example',
    'https://shop.example:8443',
    'https://sub.shop.example',
    'null',
    '*',
  ])('may not be read by a page of %s, and a cache between is told', async (origin) => {
    const headers = headersOf(await rawAnswer(open.url, [...lines, `origin: ${origin}`]));
    expect(headers.filter(isOfCors)).toEqual([]);
    expect(variesByOrigin(headers)).toBe(true);
  });

  test('varies by origin also where none is sent', async () => {
    expect(variesByOrigin(headersOf(await rawAnswer(open.url, lines)))).toBe(true);
  });
});

describe('a preflight', () => {
  test('of a configured origin is answered for two hours, with what requests may carry', async () => {
    const answer = await rawAnswer(open.url, ask(shop));
    expect(answer).toMatch(/^HTTP\/1\.1 204 /);
    expect(headersOf(answer).filter(isOfCors)).toEqual([
      ['access-control-allow-origin', shop],
      ['access-control-allow-methods', 'GET, POST'],
      [
        'access-control-allow-headers',
        'authorization, content-type, idempotency-key, traceparent, tracestate, trpc-accept',
      ],
      ['access-control-max-age', '7200'],
    ]);
    expect(variesByOrigin(headersOf(answer))).toBe(true);
  });

  test('of another origin is no preflight, nor is one where none is configured', async () => {
    for (const answer of [
      await rawAnswer(open.url, ask('https://evil.example')),
      await rawAnswer(closed.url, ask(shop)),
    ]) {
      expect(answer).toMatch(/^HTTP\/1\.1 405 /);
      expect(headersOf(answer).filter(isOfCors)).toEqual([]);
    }
  });

  test('outside of tRPC is 404, and what asks for nothing is 405', async () => {
    const [, ...fields] = ask(shop);
    expect(await rawAnswer(open.url, ['OPTIONS /metrics', ...fields])).toMatch(/^HTTP\/1\.1 404 /);
    const aimless = await rawAnswer(open.url, ['OPTIONS /trpc/product.create', `origin: ${shop}`]);
    expect(aimless).toMatch(/^HTTP\/1\.1 405 /);
  });

  test('needs no token, and lets nobody in: the call itself does', async () => {
    const token = await tokenWith('catalog:read');
    const answer = await rawAnswer(open.url, ask(shop, `authorization: Bearer ${token}`));
    expect(answer).toMatch(/^HTTP\/1\.1 204 /);
    const call = ['content-type: application/json', 'content-length: 2', `origin: ${shop}`];
    const refused = await rawAnswer(open.url, ['POST /trpc/product.create', ...call], '{}');
    expect(refused).toMatch(/^HTTP\/1\.1 401 /);
  });
});

test('with TLS, browsers are told to stay with it, and only then', async () => {
  const request = { headers: {} };
  const flat = (isTls: boolean) => new PublicHeaders({ corsOrigins: [], isTls }).of(request);
  expect(flat(true)).toEqual([...flat(false), 'strict-transport-security', 'max-age=31536000']);
});

test('the same list is given to every answer, so that none is made for one', () => {
  const headers = new PublicHeaders({ corsOrigins: [shop], isTls: true });
  for (const origin of [undefined, shop, 'https://evil.example']) {
    const request = { headers: origin === undefined ? {} : { origin } };
    expect(headers.of(request)).toBe(headers.of(request));
  }
});

/** A browser asks whether a page of this origin may send a POST. */
function ask(origin: string, ...more: string[]): [string, ...string[]] {
  return [
    'OPTIONS /trpc/product.create',
    `origin: ${origin}`,
    'access-control-request-method: POST',
    ...more,
  ];
}

/** Names in lower case, and values. */
function headersOf(answer: string): [string, string][] {
  const [head = ''] = answer.split('\r\n\r\n', 1);
  return head
    .split('\r\n')
    .slice(1)
    .map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    });
}

function isOfCors([name]: readonly [string, string]): boolean {
  return name.startsWith('access-control-');
}

function variesByOrigin(headers: readonly [string, string][]): boolean {
  return headers.some(([name, value]) => name === 'vary' && /\borigin\b/i.test(value));
}
