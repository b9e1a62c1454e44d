import { expect, expectTypeOf, test, beforeEach, describe } from 'vitest';
import type { ServiceCode } from './service-codes.ts';
import { createClient, type ThroughlineClient } from './client.ts';
import { type Failure, failureOf } from './failure.ts';
import {
  addProduct,
  answering,
  cut,
  type FaultyService,
  refusing,
  startFaultyService,
} from './testing/faulty-service.ts';

let service: FaultyService;
let client: ThroughlineClient;

beforeEach(async () => {
  service = await startFaultyService();
  client = createClient({ url: service.url, retryForMs: 0 });
  await addProduct(service.products);
  return () => service[Symbol.asyncDispose]();
});

async function failed(call: Promise<unknown>): Promise<Failure> {
  return call.then(
    () => expect.unreachable('The call did not fail.'),
    (err: unknown) => failureOf(err),
  );
}

const context = { idempotencyKey: 'order-17' };
const adjust = async () => client.product.adjustStock.mutate({ id: 1, delta: 1 }, { context });

describe('what stands beside a code is', () => {
  test('the current version after a version conflict', async () => {
    const call = client.product.updatePrice.mutate({ id: 1, price: '2.00', expectedVersion: 7 });
    const failure = await failed(call);
    if (failure.code !== 'VERSION_CONFLICT') throw failure.error;
    expect(failure.currentVersion).toBe(1);
  });

  test('the faults of the fields of an invalid input', async () => {
    const failure = await failed(client.product.updatePrice.mutate({ id: 1, price: 'dear' }));
    if (failure.code !== 'INPUT_INVALID') throw failure.error;
    expect(failure.fieldErrors).toEqual({ price: [expect.any(String)] });
    expect(failure.formErrors).toEqual([]);
  });

  test('the scope that the token lacks', async () => {
    service.faults.push(refusing('SCOPE_MISSING', { requiredScope: 'cache:admin' }, 403));
    const failure = await failed(client.cache.status.query());
    if (failure.code !== 'SCOPE_MISSING') throw failure.error;
    expect(failure.requiredScope).toBe('cache:admin');
  });

  test('nothing for most, but what every failure has', async () => {
    const call = client.product.byId.query({ id: 9 });
    const { error, ...failure } = await failed(call);
    expect(failure).toEqual({
      code: 'PRODUCT_NOT_FOUND',
      message: 'There is no product 9.',
      retryable: false,
      outcome: 'unchanged',
      idempotencyKey: undefined,
    });
    expect(error).toBe(await call.catch((err: unknown) => err));
  });
});

test('a code of a newer service is one of its own, and so is a refusal without what its code promises', async () => {
  service.faults.push(refusing('QUOTA_EXCEEDED', { retryable: true }), refusing('SCOPE_MISSING'));
  expect(await failed(adjust())).toMatchObject({
    code: 'UNKNOWN_CODE',
    serviceCode: 'QUOTA_EXCEEDED',
    retryable: true,
    outcome: 'unknown',
  });
  expect(await failed(client.cache.reset.mutate())).toMatchObject({
    code: 'UNKNOWN_CODE',
    serviceCode: 'SCOPE_MISSING',
  });
});

test.each([
  ['the connection is cut', cut, 'NO_ANSWER'],
  ['a gateway answers with a page', answering(502, '<html>'), 'NO_ANSWER'],
  ['a gateway answers with JSON', refusingGateway(503), 'NO_ANSWER'],
  [
    'a page answers',
    answering(200, '<html>', { 'content-type': 'text/html' }),
    'ANSWER_UNREADABLE',
  ],
  ['the JSON of something else answers', refusingGateway(404), 'ANSWER_UNREADABLE'],
])('when %s, a mutation and a query tell the same', async (_, fault, code) => {
  service.faults.push(fault, fault);
  expect(await failed(adjust())).toMatchObject({ code, outcome: 'unknown' });
  expect(await failed(client.product.popular.query())).toMatchObject({
    code,
    outcome: 'unchanged',
  });
});

function refusingGateway(status: number) {
  const headers = { 'content-type': 'application/json' };
  return answering(status, '{"message":"no healthy upstream"}', headers);
}

test('an answer that says that it is JSON, and is none, cannot be read', async () => {
  service.faults.push(answering(200, '{"result":', { 'content-type': 'application/json' }));
  expect(await failed(adjust())).toMatchObject({ code: 'ANSWER_UNREADABLE', outcome: 'unknown' });
});

describe('the outcome of a mutation', () => {
  test('is unknown after an answer was lost, and its key tells what became of it', async () => {
    service.faults.push(cut);
    expect(await failed(adjust())).toMatchObject({
      code: 'NO_ANSWER',
      retryable: true,
      outcome: 'unknown',
      ...context,
    });
  });

  test('is unknown where the service does not know it', async () => {
    service.faults.push(refusing('COMMIT_OUTCOME_UNKNOWN', { retryable: true }));
    expect(await failed(adjust())).toMatchObject({ outcome: 'unknown', retryable: true });
    service.faults.push(refusing('INTERNAL', {}, 500));
    expect(await failed(adjust())).toMatchObject({ outcome: 'unknown', retryable: false });
  });

  test('is that nothing changed when it was refused', async () => {
    service.faults.push(refusing('DATABASE_UNAVAILABLE', { retryable: true }));
    expect(await failed(adjust())).toMatchObject({ outcome: 'unchanged', retryable: true });
  });

  test('stays unknown when a refusal follows an answer that was lost', async () => {
    client = createClient({ url: service.url });
    service.faults.push(cut, refusing('STOCK_INSUFFICIENT', {}, 412));
    expect(await failed(adjust())).toMatchObject({
      code: 'STOCK_INSUFFICIENT',
      outcome: 'unknown',
    });
  });

  test('is known when a version that never comes back is refused after an answer was lost', async () => {
    client = createClient({ url: service.url });
    service.faults.push(cut, refusing('VERSION_CONFLICT', { currentVersion: 4 }, 409));
    expect(await failed(adjust())).toMatchObject({
      code: 'VERSION_CONFLICT',
      outcome: 'unchanged',
    });
  });
});

test('a token that cannot be had is told, and nothing was sent', async () => {
  const cause = new Error('signed out');
  client = createClient({ url: service.url, token: () => Promise.reject(cause) });
  const failure = await failed(adjust());
  expect(failure).toMatchObject({ code: 'TOKEN_UNAVAILABLE', outcome: 'unchanged', ...context });
  expect(failure.error.cause).toBe(cause);
  expect(service.requests).toEqual([]);
});

test('a call that cannot be begun is told, and nothing was sent', async () => {
  const call = client.product.delete.mutate({ id: 1 }, { context: { idempotencyKey: '' } });
  expect(await failed(call)).toMatchObject({ code: 'CALL_INVALID', outcome: 'unchanged' });
  expect(service.requests).toEqual([]);
});

/** An input as no program that passes the compiler gives it. */
const circular = {};
Object.assign(circular, { circular });

test.each([
  ['a query too long for a URL', { query: 'x'.repeat(9_000) }, {}],
  ['an input that cannot be written down', { query: 'x', ...circular }, {}],
  ['the same without batches', { query: 'x', ...circular }, { batch: false }],
  ['a token that no header can hold', { query: 'x' }, { token: 'токен' }],
  [
    'a trace that no header can hold',
    { query: 'x' },
    { propagate: (headers: Record<string, string>) => void (headers['traceparent'] = '0\n1') },
  ],
])('%s is told at once, and nothing was sent', async (_, input, options) => {
  client = createClient({ url: service.url, ...options });
  const failure = await failed(client.product.search.query(input));
  expect(failure).toMatchObject({ code: 'CALL_INVALID', outcome: 'unchanged', retryable: false });
  expect(service.requests).toEqual([]);
});

test('a client is not made with a url that is none of HTTP', () => {
  for (const url of ['localhost:3000/trpc', '/trpc', '', 'ftp://127.0.0.1/trpc']) {
    expect(() => createClient({ url }), url).toThrow(TypeError);
  }
});

test.each(['{"message":"hello"}\n', '{"message":"hello"}', '[]\n', 'null\n', '{"0":5}\n', ''])(
  'a batch that %j answers has had an answer that cannot be read, and is not sent again',
  async (text) => {
    client = createClient({ url: service.url });
    service.faults.push(answering(200, text, { 'content-type': 'application/json' }));
    const call = failed(client.product.popular.query());
    expect(await call).toMatchObject({ code: 'ANSWER_UNREADABLE', retryable: false });
    expect(service.requests).toHaveLength(1);
  },
);

test("an error that is not the client's is thrown on", () => {
  const fault = new RangeError('other');
  expect(() => failureOf(fault)).toThrow(fault);
});

test('a switch over the code narrows what stands beside it, and knows when it is exhaustive', () => {
  expectTypeOf(textOf).returns.toEqualTypeOf<string>();
  expectTypeOf(failureOf).parameter(0).toBeUnknown();
});

function textOf(failure: Failure): string {
  switch (failure.code) {
    case 'VERSION_CONFLICT':
      expectTypeOf(failure.currentVersion).toEqualTypeOf<number>();
      return `version ${failure.currentVersion}`;
    case 'INPUT_INVALID':
      expectTypeOf(failure.fieldErrors).toEqualTypeOf<
        Readonly<Record<string, readonly string[] | undefined>>
      >();
      return failure.formErrors.join();
    case 'SCOPE_MISSING':
      expectTypeOf(failure.requiredScope).toEqualTypeOf<string>();
      return failure.requiredScope;
    case 'UNKNOWN_CODE':
      expectTypeOf(failure.serviceCode).toEqualTypeOf<string>();
      return failure.serviceCode;
    case 'NO_ANSWER':
    case 'ANSWER_UNREADABLE':
    case 'DEADLINE_EXCEEDED':
    case 'ABORTED':
    case 'TOKEN_UNAVAILABLE':
    case 'CALL_INVALID':
      expectTypeOf(failure).not.toHaveProperty('currentVersion');
      return failure.message;
    default:
      expectTypeOf(failure).not.toHaveProperty('currentVersion');
      expectTypeOf<typeof failure.code>().toEqualTypeOf<
        Exclude<ServiceCode, 'VERSION_CONFLICT' | 'INPUT_INVALID' | 'SCOPE_MISSING'>
      >();
      return failure.code;
  }
}
