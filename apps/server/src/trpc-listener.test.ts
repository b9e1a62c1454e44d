import { EncodedJson, type Product } from '@throughline/product-repository';
import type { ReadOutcome } from '@throughline/write-through';
import { request as openRequest, type RequestOptions } from 'node:http';
import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { limits } from './limits.ts';
import { addCacheTime, addDatabaseTime } from './request-timing.ts';
import { inputOf, startService, type RunningService } from './testing/running-service.ts';
import { tokenWith } from './testing/tokens.ts';

let service: RunningService;

beforeEach(async () => {
  service = await startService();
  return () => service[Symbol.asyncDispose]();
});

describe('x-cache', () => {
  test.each<[ReadOutcome[], string]>([
    [['hit'], 'hit'],
    [['negative'], 'hit'],
    [['miss'], 'miss'],
    [['pending'], 'miss'],
    [['bypass'], 'bypass'],
    [['error'], 'bypass'],
    [['hit', 'negative', 'hit'], 'hit'],
    [['hit', 'pending', 'hit'], 'miss'],
    [['miss', 'error', 'hit'], 'bypass'],
  ])('reads that end as %j answer %s', async (outcomes, says) => {
    service.products.readOutcomes.push(...outcomes);
    const response = await service.request(batchOf(outcomes.map(() => 'product.popular')));
    expect(response.headers.get('x-cache')).toBe(says);
  });

  test('a part without the cache is the worst of a batch', async () => {
    const response = await service.request(batchOf(['product.popular', 'category.list']));
    expect(response.headers.get('x-cache')).toBe('none');
  });

  test('an absence known from the cache is a hit, though the answer is NOT_FOUND', async () => {
    service.products.readOutcomes.push('negative');
    const response = await service.request(`product.byId?input=${inputOf({ id: 1 })}`);
    expect([response.status, response.headers.get('x-cache')]).toEqual([404, 'hit']);
  });

  test('a write and a refusal say none', async () => {
    const write = await post('category.create', { name: 'Tools', slug: 'tools' });
    expect([write.status, write.headers.get('x-cache')]).toEqual([200, 'none']);
    const refusal = await service.request('cache.status');
    expect([refusal.status, refusal.headers.get('x-cache')]).toEqual([401, 'none']);
  });
});

test('server-timing tells what the repository spent on cache and database for this request', async () => {
  service.products.popular = async () => {
    await Promise.resolve();
    addCacheTime(0.5);
    addDatabaseTime(2);
    return { value: EncodedJson.of([]), outcome: 'miss' };
  };
  const two = batchOf(['product.popular', 'product.popular']);
  const responses = await Promise.all([service.request(two), service.request('product.popular')]);
  expect(responses.map(({ headers }) => headers.get('server-timing'))).toEqual([
    'cache;dur=1.00, db;dur=4.00',
    'cache;dur=0.50, db;dur=2.00',
  ]);
});

test('what is cached leaves as the bytes that it is, alone and within a batch', async () => {
  const bytes = '[ {"name": "Zürich \\u00e9", "id": 1.0} ]';
  const value = EncodedJson.ofBytes<Product[]>(Buffer.from(bytes));
  service.products.popular = async () => ({ value, outcome: 'hit' });
  const alone = await service.request('product.popular');
  expect(await alone.text()).toBe(`{"result":{"data":${bytes}}}`);
  const two = await service.request(batchOf(['product.popular', 'category.list']));
  expect(await two.text()).toBe(`[{"result":{"data":${bytes}}},{"result":{"data":[]}}]`);
});

test('a streamed batch carries neither x-cache nor server-timing', async () => {
  const headers = { 'trpc-accept': 'application/jsonl' };
  const response = await service.request(batchOf(['product.popular']), { headers });
  expect(await response.text()).toContain('result');
  expect(response.headers.has('x-cache')).toBe(false);
  expect(response.headers.has('server-timing')).toBe(false);
});

test('no answer may be kept by a cache that is not ours', async () => {
  for (const path of ['product.popular', 'nothing', `?${'x'.repeat(limits.urlBytesMax)}`]) {
    const response = await service.request(path);
    expect(response.headers.get('cache-control')).toBe('no-store');
  }
});

describe('limits', () => {
  test('a batch of 100 calls is answered, one of 101 is refused', async () => {
    expect((await service.request(batchOf(reads(100)))).status).toBe(200);
    const refused = await service.request(batchOf(reads(101)));
    expect(await refusalOf(refused)).toEqual([400, 'BAD_REQUEST', 'BATCH_TOO_LARGE']);
    const encoded = await service.request(batchOf(reads(101)).replaceAll(',', '%2C'));
    expect(await refusalOf(encoded)).toEqual([400, 'BAD_REQUEST', 'BATCH_TOO_LARGE']);
  });

  test('a URL of 8 KiB is answered, a longer one is 414', async () => {
    expect((await service.request(readInBytes(limits.urlBytesMax))).status).toBe(200);
    for (const bytes of [limits.urlBytesMax + 1, 4 * limits.urlBytesMax]) {
      const refused = await service.request(readInBytes(bytes));
      expect(await refusalOf(refused)).toEqual([414, 'BAD_REQUEST', 'URL_TOO_LONG']);
    }
  });

  test('a body of 1 MiB is read, a longer one is 413', async () => {
    expect((await post('product.create', 'x'.repeat(limits.bodyBytesMax - 2))).status).toBe(400);
    const refused = await post('product.create', 'x'.repeat(limits.bodyBytesMax - 1));
    expect(await refusalOf(refused)).toEqual([413, 'PAYLOAD_TOO_LARGE', 'BODY_TOO_LARGE']);
  });

  test('a body that does not tell its length is 413 as soon as it is too long', async () => {
    const body = new Blob(['x'.repeat(2 * limits.bodyBytesMax)]).stream();
    const refused = await post('product.create', body);
    expect(await refusalOf(refused)).toEqual([413, 'PAYLOAD_TOO_LARGE', 'BODY_TOO_LARGE']);
  });

  test('the service lives on after each of them', async () => {
    await post('product.create', 'x'.repeat(2 * limits.bodyBytesMax));
    await service.request(`product.popular?${'x'.repeat(limits.urlBytesMax)}`);
    expect((await service.request('product.popular')).status).toBe(200);
  });
});

describe('what is no call', () => {
  test.each([
    ['/', 'PATH_NOT_FOUND'],
    ['/trpc', 'PATH_NOT_FOUND'],
    ['/trpcs/product.popular', 'PATH_NOT_FOUND'],
    ['/metrics', 'PATH_NOT_FOUND'],
    ['/trpc/product.steal', 'PROCEDURE_NOT_FOUND'],
    ['/trpc/__proto__', 'PROCEDURE_NOT_FOUND'],
  ])('%s is 404 in JSON', async (path, serviceCode) => {
    const response = await fetch(new URL(path, service.url));
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await refusalOf(response)).toEqual([404, 'NOT_FOUND', serviceCode]);
  });

  test.each([
    ['PUT', 'product.popular', 'GET, POST'],
    ['OPTIONS', 'product.popular', 'GET, POST'],
    ['GET', 'product.delete', 'POST'],
    ['POST', 'product.popular', 'GET'],
  ])('%s %s is 405 and tells what fits', async (method, path, allow) => {
    const headers = {
      authorization: `Bearer ${await tokenWith('catalog:write')}`,
      'content-type': 'application/json',
    };
    const response = await service.request(path, { method, headers });
    expect(response.headers.get('allow')).toBe(allow);
    expect(await refusalOf(response)).toEqual([405, 'METHOD_NOT_SUPPORTED', 'METHOD_UNSUPPORTED']);
  });

  test.each([
    ['product.byId?input=%7B', 'BAD_REQUEST', 'REQUEST_MALFORMED'],
    ['product%ff', 'BAD_REQUEST', 'REQUEST_MALFORMED'],
    ['product.popular,product.delete?batch=1', 'BAD_REQUEST', 'REQUEST_MALFORMED'],
  ])('%s is refused in words of ours', async (path, code, serviceCode) => {
    expect(await refusalOf(await service.request(path))).toEqual([400, code, serviceCode]);
  });

  test('a body that is not JSON by its type or by its text is refused', async () => {
    const text = await service.request('product.delete', { method: 'POST', body: '{}' });
    expect(await refusalOf(text)).toEqual([
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      'MEDIA_TYPE_UNSUPPORTED',
    ]);
    const form = await service.request('product.delete', { method: 'POST', body: new FormData() });
    expect((await refusalOf(form))[0]).toBe(415);
    const broken = await post('product.delete', new Blob(['{"id":']));
    expect(await refusalOf(broken)).toEqual([400, 'BAD_REQUEST', 'REQUEST_MALFORMED']);
    const notUtf8 = await post('product.delete', new Blob(['{"id":"', Uint8Array.of(0xff), '"}']));
    expect(await refusalOf(notUtf8)).toEqual([400, 'BAD_REQUEST', 'REQUEST_MALFORMED']);
  });

  test('a URL that cannot be parsed is refused', async () => {
    const { hostname: host, port } = new URL(service.url);
    expect(await statusOf({ host, port, path: '//[/trpc/product.popular' })).toBe(400);
    const headers = { host: '[' };
    expect(await statusOf({ host, port, headers, path: '/trpc/product.popular' })).toBe(400);
  });
});

function reads(count: number): string[] {
  return Array.from({ length: count }, () => 'product.popular');
}

/** A read whose path and query are so long. */
function readInBytes(bytes: number): string {
  return 'product.popular?x='.padEnd(bytes - '/trpc/'.length, 'x');
}

function batchOf(procedures: string[]): string {
  const inputs = Object.fromEntries(procedures.map((_, index) => [index, {}]));
  return `${procedures.join(',')}?batch=1&input=${inputOf(inputs)}`;
}

async function post(path: string, body: unknown): Promise<Response> {
  const isRaw = body instanceof ReadableStream || body instanceof Blob;
  return service.request(path, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await tokenWith('catalog:write')}`,
      'content-type': 'application/json',
    },
    body: isRaw ? body : JSON.stringify(body),
    duplex: 'half',
  });
}

const refusal = z.object({
  error: z.object({ data: z.object({ code: z.string(), serviceCode: z.string() }) }),
});

async function refusalOf(response: Response): Promise<[number, string, string]> {
  const { data } = refusal.parse(await response.json()).error;
  return [response.status, data.code, data.serviceCode];
}

function statusOf(options: RequestOptions): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const request = openRequest(options, (response) => {
    response.resume();
    resolve(response.statusCode);
  });
  request.on('error', reject).end();
  return promise;
}
