import fc from 'fast-check';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { limits } from './limits.ts';
import { idempotencyKeyOf, refuseRequest, trpcPath } from './refuse-request.ts';

const piece = fc.constantFrom(
  ...'/trpc /trpc/ /tr%70c/ product.byId , %2c %2C . .. %2e / // batch=1 & b%61tch=1 batch=0'.split(
    ' ',
  ),
  ..."? # % é http://host @ : [ ' \\".split(' '),
  ' ',
);

test('a URL is judged as one that has been parsed, whichever way it is read', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('', '/trpc/', '/trpc/a,'),
      fc.array(piece, { maxLength: 12 }),
      fc.constantFrom(0, limits.batchCallsMax - 1, limits.batchCallsMax),
      (start, pieces, commas) => {
        const url = start + ','.repeat(commas) + pieces.join('');
        expect([url, refuseRequest(requestOf(url))]).toEqual([url, verdictOf(url)]);
      },
    ),
    { seed: 20_261_127, numRuns: 5_000 },
  );
});

test.each(['u@h', 'u:p@h', ':p@h', 'a, b', '[', 'h:99999', 'h:x'])(
  'a host that makes no URL, or one with a name and a password (%s), is refused on every path',
  (host) => {
    for (const url of ['/trpc/a', '/trpc/a?batch=1', '/trpc/./a']) {
      const req = requestOf(url);
      req.headers.host = host;
      expect(refuseRequest(req)).toBe('REQUEST_MALFORMED');
    }
  },
);

test('a host is judged by itself, whichever came before it', () => {
  for (const [host, verdict] of [
    ['one:80', null],
    ['one@two', 'REQUEST_MALFORMED'],
    ['one:80', null],
    ['[::1]:80', null],
    ['[::1', 'REQUEST_MALFORMED'],
  ] as const) {
    const req = requestOf('/trpc/a');
    req.headers.host = host;
    expect([host, refuseRequest(req)]).toEqual([host, verdict]);
  }
});

test('the key of a mutation is found; one is refused with a batch, and several are', () => {
  const sent = ['Idempotency-Key', 'one'];
  expect(idempotencyKeyOf(requestOf('/trpc/a', 'POST', sent))).toBe('one');
  expect(idempotencyKeyOf(requestOf('/trpc/a', 'POST'))).toBeUndefined();
  expect(idempotencyKeyOf(requestOf('/trpc/a', 'GET', sent))).toBeUndefined();
  expect(refuseRequest(requestOf('/trpc/a,b', 'POST', sent))).toBeNull();
  expect(refuseRequest(requestOf('/trpc/a,b?batch=1', 'POST', sent))).toBe(
    'IDEMPOTENCY_KEY_BATCHED',
  );
  const twice = requestOf('/trpc/a', 'POST', [...sent, ...sent]);
  expect(refuseRequest(twice)).toBe('IDEMPOTENCY_KEY_INVALID');
});

function requestOf(url: string, method = 'GET', headers: readonly string[] = []): IncomingMessage {
  const req = new IncomingMessage(new Socket());
  req.rawHeaders.push(...headers, 'content-type', 'application/json');
  for (let index = 0; index < headers.length; index += 2) {
    const name = (headers[index] ?? '').toLowerCase();
    const known = req.headers[name];
    req.headers[name] = [known ?? [], headers[index + 1] ?? []].flat().join(', ');
    req.headersDistinct[name] = [req.headersDistinct[name] ?? [], headers[index + 1] ?? []].flat();
  }
  req.headers['content-type'] = 'application/json';
  return Object.assign(req, { url, method });
}

function verdictOf(url: string) {
  const parsed = URL.parse(url, 'http://localhost');
  if (parsed === null) return 'REQUEST_MALFORMED';
  const { pathname, searchParams, username, password } = parsed;
  if (username + password !== '') return 'REQUEST_MALFORMED';
  if (!pathname.startsWith(`${trpcPath}/`)) return 'PATH_NOT_FOUND';
  const calls = searchParams.get('batch') === '1' ? pathname.split(/,|%2c/i).length : 1;
  return calls > limits.batchCallsMax ? 'BATCH_TOO_LARGE' : null;
}
