import { getEventListeners } from 'node:events';
import { beforeEach, expect, test } from 'vitest';
import { createClient, type ThroughlineClient } from './client.ts';
import { type Failure, failureOf } from './failure.ts';
import {
  addProduct,
  answering,
  cut,
  type FaultyService,
  hang,
  startFaultyService,
} from './testing/faulty-service.ts';

let service: FaultyService;
let client: ThroughlineClient;

beforeEach(async () => {
  service = await startFaultyService();
  client = createClient({ url: service.url });
  await addProduct(service.products);
  return () => service[Symbol.asyncDispose]();
});

async function failed(call: Promise<unknown>): Promise<Failure> {
  return call.then(
    () => expect.unreachable('The call did not fail.'),
    (err: unknown) => failureOf(err),
  );
}

test('a deadline ends a call that is under way, and its mutation may have taken place', async () => {
  service.faults.push(hang);
  const context = { deadlineMs: 100, idempotencyKey: 'order-17' };
  const beganAtMs = performance.now();
  const failure = await failed(client.product.delete.mutate({ id: 1 }, { context }));
  expect(failure).toMatchObject({
    code: 'DEADLINE_EXCEEDED',
    message: 'The call was not answered within 100 ms.',
    outcome: 'unknown',
    retryable: true,
    idempotencyKey: 'order-17',
  });
  expect(performance.now() - beganAtMs).toBeGreaterThan(95);
});

test('a deadline is for all attempts together', async () => {
  service.faults.push(cut, cut, cut, hang);
  const context = { deadlineMs: 1_500 };
  expect(await failed(client.product.popular.query({}, { context }))).toMatchObject({
    code: 'DEADLINE_EXCEEDED',
    outcome: 'unchanged',
  });
  expect(service.requests).toHaveLength(4);
});

test('a pause that would outlast the deadline is not begun: what was answered is told at once', async () => {
  service.faults.push(answering(503, '', { 'retry-after': '5' }));
  const context = { deadlineMs: 3_000 };
  const failure = await failed(client.product.popular.query({}, { context }));
  expect(failure).toMatchObject({ code: 'NO_ANSWER', message: expect.stringContaining('503') });
});

test('the deadline of the client holds for each call that has none of its own', async () => {
  client = createClient({ url: service.url, deadlineMs: 50, batch: false });
  service.faults.push(hang, hang);
  expect(await failed(client.product.popular.query())).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  const context = { deadlineMs: 60 };
  const { message } = await failed(client.product.popular.query({}, { context }));
  expect(message).toContain('60 ms');
  expect(await client.product.popular.query({}, { context: { deadlineMs: 9_000 } })).toHaveLength(
    1,
  );
});

test('one call of a batch ends at its deadline while the others go on', async () => {
  const held = Promise.withResolvers<void>();
  service.faults.push((req, res) => void held.promise.then(() => service.handle(req, res)));
  const hurried = failed(client.category.list.query({}, { context: { deadlineMs: 50 } }));
  const patient = client.product.popular.query({}, { context: { deadlineMs: 60_000 } });
  expect(await hurried).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  held.resolve();
  expect(await patient).toHaveLength(1);
  expect(service.requests).toHaveLength(1);
});

test.each([0, -1, Number.NaN, Infinity, 2 ** 31, '5'])(
  'a deadline of %s is none',
  async (value) => {
    const call = client.product.popular.query({}, { context: { deadlineMs: value } });
    expect(await failed(call)).toMatchObject({ code: 'CALL_INVALID' });
    expect(service.requests).toEqual([]);
  },
);

test('a client is not made with a deadline that is none', () => {
  expect(() => createClient({ url: service.url, deadlineMs: 0 })).toThrow(TypeError);
});

test('a deadline ends an answer that is streamed', async () => {
  service.faults.push(streamUntilCut(() => undefined));
  const steps = await client.cache.warm.mutate({ count: 9 }, { context: { deadlineMs: 200 } });
  const seen: unknown[] = [];
  const reading = (async () => {
    for await (const step of steps) seen.push(step);
  })();
  expect(await failed(reading)).toMatchObject({ code: 'DEADLINE_EXCEEDED', outcome: 'unknown' });
  expect(seen).toEqual([{ loaded: 1, total: 9 }]);
});

test('a signal ends an answer that is streamed', async () => {
  const giving = new AbortController();
  service.faults.push(streamUntilCut(() => undefined));
  const steps = await client.cache.warm.mutate({ count: 9 }, { signal: giving.signal });
  const reading = (async () => {
    for await (const step of steps) if (step.loaded === 1) giving.abort();
  })();
  expect(await failed(reading)).toMatchObject({ code: 'ABORTED', outcome: 'unknown' });
});

test('a stream that breaks off is no answer', async () => {
  service.faults.push(streamUntilCut((socket) => socket.destroy()));
  const steps = await client.cache.warm.mutate({ count: 9 });
  expect(await failed(Array.fromAsync(steps))).toMatchObject({ code: 'NO_ANSWER' });
});

test('a stream is read to its end, and its deadline does not outlive it', async () => {
  const steps = await client.cache.warm.mutate({ count: 2 }, { context: { deadlineMs: 60_000 } });
  expect((await Array.fromAsync(steps)).at(-1)).toEqual({ loaded: 2, total: 2 });
});

test('a stream that is left before its first step ends its request, and nothing waits for its signal', async () => {
  const giving = new AbortController();
  const ended = Promise.withResolvers<void>();
  const stream = streamUntilCut(() => undefined);
  service.faults.push((req, res) => {
    res.once('close', () => ended.resolve());
    stream(req, res);
  });
  const steps = await client.cache.warm.mutate({ count: 9 }, { signal: giving.signal });
  if (Array.isArray(steps)) throw new TypeError('It is no stream.');
  const iterator = steps[Symbol.asyncIterator]();
  expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
  await ended.promise;
  expect(getEventListeners(giving.signal, 'abort')).toEqual([]);
  expect(await iterator.next()).toEqual({ done: true, value: undefined });
});

test('a stream that is left while a step is awaited ends there', async () => {
  service.faults.push(streamUntilCut(() => undefined));
  const steps = await client.cache.warm.mutate({ count: 9 });
  if (Array.isArray(steps)) throw new TypeError('It is no stream.');
  const iterator = steps[Symbol.asyncIterator]();
  await iterator.next();
  const step = iterator.next();
  await iterator.return?.();
  expect(await step).toEqual({ done: true, value: undefined });
});

test('a call whose signal has fired sends nothing', async () => {
  const reason = new Error('the page was left');
  const signal = AbortSignal.abort(reason);
  const failure = await failed(client.product.delete.mutate({ id: 1 }, { signal }));
  expect(failure).toMatchObject({ code: 'ABORTED', outcome: 'unchanged', retryable: false });
  expect(failure.error.cause).toBe(reason);
  expect(service.requests).toEqual([]);
});

test('a signal that fires under way ends the call at once, and its mutation may have taken place', async () => {
  const giving = new AbortController();
  service.faults.push(() => giving.abort());
  const failure = await failed(client.product.delete.mutate({ id: 1 }, { signal: giving.signal }));
  expect(failure).toMatchObject({
    code: 'ABORTED',
    outcome: 'unknown',
    idempotencyKey: expect.stringMatching(/^[0-9a-f]{32}$/),
  });
  expect(service.requests).toHaveLength(1);
});

test('a signal that fires while the token is asked for sends nothing', async () => {
  const giving = new AbortController();
  const token = Promise.withResolvers<string>();
  client = createClient({ url: service.url, token: () => (giving.abort(), token.promise) });
  const call = failed(client.product.delete.mutate({ id: 1 }, { signal: giving.signal }));
  expect(await call).toMatchObject({ code: 'ABORTED', outcome: 'unchanged' });
  token.resolve('late');
  // A request begun by then would come before this one.
  await createClient({ url: service.url }).product.popular.query();
  expect(service.requests.map(({ path }) => path)).not.toContain('/product.delete');
});

/** One step of a warm-up, and then this with the connection. */
function streamUntilCut(then: (socket: { destroy(): void }) => void) {
  const lines = [
    { 0: [[0], [null, 0, 0]] },
    [0, 0, [[{ result: 0 }], ['result', 0, 1]]],
    [1, 0, [[{ data: 0 }], ['data', 1, 2]]],
    [2, 1, [[{ loaded: 1, total: 9 }]]],
  ];
  return (...[req, res]: Parameters<typeof hang>) => {
    res.writeHead(200, { 'content-type': 'application/json' });
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    res.write(text, () => then(req.socket));
  };
}
