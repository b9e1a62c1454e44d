import { expect, test } from 'vitest';
import { openBothAdapters, type Observed } from './testing/both-adapters.ts';
import { json, post, rawRequest } from './testing/requests.ts';

const notUtf8 = Buffer.from('"\xff"', 'latin1');

test('a body that is not UTF-8 is refused, where the standalone adapter puts other characters in it', async () => {
  await using adapters = await openBothAdapters();
  const [theirs, ours] = await adapters.observe(rawRequest(post('/api/set', notUtf8)));
  expect(Buffer.from(theirs.answer.body, 'latin1').toString()).toContain('\uFFFD');
  expect(ours.answer.status).toBe('HTTP/1.1 400 Bad Request');
  expect(ours.answer.body).toContain('"code":"BAD_REQUEST"');
});

test('so is one in a streamed batch, call by call', async () => {
  await using adapters = await openBothAdapters();
  const body = Buffer.concat([Buffer.from('{"0":'), notUtf8, Buffer.from('}')]);
  const parts = post('/api/set?batch=1', body, 'trpc-accept: application/jsonl');
  const [theirs, ours] = await adapters.observe(rawRequest(parts));
  expect(Buffer.from(theirs.answer.body, 'latin1').toString()).toContain('\uFFFD');
  expect(ours.answer.body).toContain('"code":"BAD_REQUEST"');
});

test.each([
  ['plain', ['transfer-encoding: chunked'], '5\r\n"ab'],
  ['plain, of a known length', ['content-length: 9'], '"ab'],
])(
  'a call whose body breaks off (%s) ends, where it waits for ever behind the standalone adapter',
  async (_, headers, body) => {
    await using adapters = await openBothAdapters();
    const request = { method: 'POST', url: '/api/set', headers: [json, ...headers], body };
    const [theirs, ours] = await adapters.observe(rawRequest(request), true);
    expect(errorsOf(theirs)).toEqual([]);
    expect(errorsOf(ours)).toEqual(['CLIENT_CLOSED_REQUEST']);
    expect(ours.answer).toEqual(theirs.answer);
  },
);

test('so does one in a streamed batch', async () => {
  await using adapters = await openBothAdapters();
  const headers = [json, 'transfer-encoding: chunked', 'trpc-accept: application/jsonl'];
  const request = { method: 'POST', url: '/api/set?batch=1', headers, body: '5\r\n"ab' };
  const [theirs, ours] = await adapters.observe(rawRequest(request), true);
  expect(errorsOf(theirs)).toEqual([]);
  expect(errorsOf(ours)).toEqual(['BAD_REQUEST']);
});

function errorsOf({ told }: Observed): unknown[] {
  return told.flatMap((one) => (isError(one) ? one.error.slice(0, 1) : []));
}

function isError(told: unknown): told is { error: unknown[] } {
  return typeof told === 'object' && told !== null && 'error' in told && Array.isArray(told.error);
}
