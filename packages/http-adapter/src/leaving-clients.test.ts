import { initTRPC } from '@trpc/server';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createHttpHandler } from './http-handler.ts';
import { openRawServer } from './testing/raw-exchange.ts';
import { post, rawRequest } from './testing/requests.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: unknown = runInNewContext('gc');

/** What nobody holds is gone after this: finding that out takes a turn of its own. */
async function forgetAll(): Promise<void> {
  if (typeof collectGarbage !== 'function') throw new TypeError('Garbage cannot be collected.');
  const { promise, resolve } = Promise.withResolvers<void>();
  setImmediate(resolve);
  await promise;
  collectGarbage();
}

const t = initTRPC.create({ isDev: false });

test('a stream of a client that has left ends, however long ago it began', async () => {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const { promise: aborted, resolve: abort } = Promise.withResolvers<void>();
  const router = t.router({
    steps: t.procedure.mutation(async function* ({ signal }) {
      signal?.addEventListener('abort', () => abort());
      try {
        for (;;) yield 'a step'.repeat(1_000);
      } finally {
        end();
      }
    }),
  });
  await using server = await openRawServer(createHttpHandler({ router, basePath: '/api' }));
  const client = connect(server.port, '127.0.0.1');
  client.write(rawRequest(post('/api/steps?batch=1', '{}', 'trpc-accept: application/jsonl')));
  await once(client, 'data');
  await forgetAll();
  client.resetAndDestroy();
  await expect(Promise.all([ended, aborted])).resolves.toBeDefined();
});

test('a call of a client that has left in the middle of its body ends, however long ago it began', async () => {
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  const { promise: failed, resolve: fail } = Promise.withResolvers<string>();
  const router = t.router({
    set: t.procedure
      .use(async ({ next }) => {
        ask();
        const result = await next();
        if (!result.ok) fail(result.error.code);
        return result;
      })
      .input(z.string())
      .mutation(({ input }) => input),
  });
  await using server = await openRawServer(createHttpHandler({ router, basePath: '/api' }));
  const client = connect(server.port, '127.0.0.1');
  const request = rawRequest(
    post('/api/set?batch=1', '{"0":"some', 'trpc-accept: application/jsonl', 'content-length: 99'),
  );
  client.write(request);
  await asked;
  await forgetAll();
  client.resetAndDestroy();
  expect(await failed).toBe('BAD_REQUEST');
});
