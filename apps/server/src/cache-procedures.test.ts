import type { AppRouter } from '@throughline/api';
import { isThroughlineError, type ThroughlineClient } from '@throughline/client';
import { CacheUnavailableError } from '@throughline/write-through';
import { createTRPCClient, httpLink } from '@trpc/client';
import { beforeEach, describe, expect, test } from 'vitest';
import { startService, type RunningService } from './testing/running-service.ts';
import { tokenWith } from './testing/tokens.ts';

let service: RunningService;
let client: ThroughlineClient;

beforeEach(async () => {
  service = await startService();
  client = await service.clientWith('cache:admin');
  return () => service[Symbol.asyncDispose]();
});

test('an entry is dropped by its key, and the answer says how that ended', async () => {
  for (const key of ['product:42', 'category:7', 'categories:all']) {
    expect(await client.cache.invalidate.mutate({ key })).toEqual({ key, outcome: 'published' });
  }
  expect(service.admin.invalidated).toEqual(['product:42', 'category:7', 'categories:all']);
});

test.each([
  '',
  'product',
  'product:',
  'product:0',
  'product:042',
  'product:1.5',
  'product:2147483648',
  'product:1:2',
  'category:all',
  'categories:1',
  'category-page:1',
  'throughline:{1}:1.ab:product:1',
  'user:1',
  '__proto__:1',
])('the key %j is BAD_REQUEST, and the answer names those that there are', async (key) => {
  for (const call of [
    async () => client.cache.invalidate.mutate({ key }),
    async () => client.cache.inspect.query({ key }),
  ]) {
    expect(await dataOf(call())).toMatchObject({
      code: 'BAD_REQUEST',
      serviceCode: 'INPUT_INVALID',
      zodError: {
        fieldErrors: { key: ['must be product:<id>, category:<id> or categories:all'] },
      },
    });
  }
  expect(service.admin.invalidated).toEqual([]);
});

test('an entry is told beside what the database holds', async () => {
  expect(await client.cache.inspect.query({ key: 'product:42' })).toEqual({
    key: 'product:42',
    epoch: 1,
    entry: { state: 'absent' },
    row: null,
  });
});

test('a reset tells the number of the new epoch, asked with or without a body', async () => {
  expect(await client.cache.reset.mutate()).toEqual({ epoch: 2 });
  const headers = {
    authorization: `Bearer ${await tokenWith('cache:admin')}`,
    'content-type': 'application/json',
  };
  const response = await service.request('cache.reset', { method: 'POST', headers });
  expect(await response.json()).toEqual({ result: { data: { epoch: 3 } } });
});

test('a reset whose epoch does not begin in time is SERVICE_UNAVAILABLE and can be sent again', async () => {
  service.admin.failure = new CacheUnavailableError('no epoch');
  expect(await dataOf(client.cache.reset.mutate())).toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
    serviceCode: 'CACHE_UNAVAILABLE',
    retryable: true,
  });
});

test('a verification counts what is the same, different, absent or could not be judged', async () => {
  expect(await client.cache.verify.mutate({ sample: 10 })).toEqual({
    sample: 10,
    same: 10,
    different: 0,
    absent: 0,
    unjudged: 0,
    differences: [],
  });
});

test.each([0, -1, 1.5, 1_001])('a sample of %d is BAD_REQUEST', async (sample) => {
  expect(await dataOf(client.cache.verify.mutate({ sample }))).toMatchObject({
    code: 'BAD_REQUEST',
  });
});

test.each([0, -1, 1.5, 100_001])('a warm-up of %d products is BAD_REQUEST', async (count) => {
  expect(await dataOf(client.cache.warm.mutate({ count }))).toMatchObject({ code: 'BAD_REQUEST' });
});

describe('the progress of a warm-up', () => {
  test('comes step by step while the warm-up goes on', async () => {
    const held = Promise.withResolvers<void>();
    service.admin.warm = async function* () {
      yield { loaded: 0, total: 2 };
      await held.promise;
      yield { loaded: 2, total: 2 };
    };
    const steps = [];
    for await (const step of await client.cache.warm.mutate({ count: 2 })) {
      steps.push(step);
      held.resolve();
    }
    expect(steps).toEqual([
      { loaded: 0, total: 2 },
      { loaded: 2, total: 2 },
    ]);
  });

  test('ends with the error that ended the warm-up', async () => {
    service.admin.warm = async function* () {
      yield { loaded: 0, total: 2 };
      throw new CacheUnavailableError('away');
    };
    const steps: unknown[] = [];
    const reading = (async () => {
      for await (const step of await client.cache.warm.mutate({ count: 2 })) steps.push(step);
    })();
    expect(await dataOf(reading)).toMatchObject({ serviceCode: 'CACHE_UNAVAILABLE' });
    expect(steps).toEqual([{ loaded: 0, total: 2 }]);
  });

  test('ends the warm-up when nobody reads it any longer', async () => {
    const ended = Promise.withResolvers<void>();
    service.admin.warm = async function* () {
      try {
        for (let loaded = 0; ; loaded += 1) {
          yield { loaded, total: 1_000_000 };
          await new Promise(setImmediate);
        }
      } finally {
        ended.resolve();
      }
    };
    const leaving = new AbortController();
    const reading = (async () => {
      const steps = await client.cache.warm.mutate({ count: 2 }, { signal: leaving.signal });
      for await (const _ of steps) leaving.abort();
    })();
    await expect(reading).rejects.toThrow(/abort/i);
    await ended.promise;
  });

  test('comes all at once over a link that takes no stream, and is read in the same way', async () => {
    const headers = { authorization: `Bearer ${await tokenWith('cache:admin')}` };
    const plain = createTRPCClient<AppRouter>({ links: [httpLink({ url: service.url, headers })] });
    const steps = [];
    for await (const step of await plain.cache.warm.mutate({ count: 2 })) steps.push(step);
    expect(steps.map(({ loaded, total }) => `${loaded}/${total}`)).toEqual(['0/2', '1/2', '2/2']);
  });
});

async function dataOf(call: Promise<unknown>): Promise<unknown> {
  const err: unknown = await call.catch((reason: unknown) => reason);
  if (!isThroughlineError(err)) throw err;
  return err.data;
}
