import { EdgeVM } from '@edge-runtime/vm';
import { expect, test } from 'vitest';
import { bundleClient } from './testing/client-bundle.ts';
import { addProduct, cut, hang, startFaultyService } from './testing/faulty-service.ts';

/**
 * A page loads the client before it shows anything: 20 kB take a tenth of a second on a slow mobile connection of
 * 1.6 Mbit/s. Most of it is the library's streams and the event source; what makes it grow by a tenth is one dependency more.
 */
const gzipBytesMax = 19_000;

test('the client with its dependencies is small', async () => {
  const { gzipBytes, minifiedBytes } = await bundleClient('browser');
  expect(gzipBytes).toBeLessThan(gzipBytesMax);
  expect(minifiedBytes).toBeGreaterThan(gzipBytes);
});

test.each(['browser', 'neutral'] as const)(
  'a bundle for a %s platform needs nothing of Node',
  async (platform) => {
    const { imports, code } = await bundleClient(platform);
    expect(imports).toEqual([]);
    expect(code).not.toMatch(/["'`]node:|\bprocess\./);
  },
);

test('in an edge runtime it queries, changes, retries, refuses, follows and keeps deadlines', async () => {
  await using service = await startFaultyService();
  await addProduct(service.products);
  const { code } = await bundleClient('neutral', 'iife');
  const runtime = new EdgeVM({ initialCode: code });
  expect(runtime.evaluate('typeof process + typeof Buffer + typeof require')).toBe(
    'undefinedundefinedundefined',
  );
  // The first request of all has to be sent again.
  service.faults.push(cut);
  const told = await runtime.evaluate<Promise<unknown>>(`(async () => {
    const { createClient, failureOf } = client;
    const answers = [];
    const options = { url: ${JSON.stringify(service.url)}, onAnswer: ({ path }) => answers.push(path) };
    const api = createClient(options);
    const failed = (call) => call.then(() => 'none', (err) => failureOf(err).code);
    const [product, missing] = await Promise.all([
      api.product.byId.query({ id: 1 }),
      failed(api.product.byId.query({ id: 9 })),
    ]);
    const { stock } = await api.product.adjustStock.mutate({ id: 1, delta: 2 });
    const steps = [];
    for await (const step of await api.cache.warm.mutate({ count: 1 })) steps.push(step.loaded);
    const follow = async () => {
      for await (const { data } of api.product.changes.subscribe({})) return data.type;
    };
    const unequipped = await failed(follow());
    // What this runtime lacks, and others have.
    globalThis.MessageEvent = class extends Event {
      constructor(type, init) {
        super(type);
        Object.assign(this, init);
      }
    };
    const event = await follow();
    const signal = AbortSignal.abort();
    const aborted = await failed(api.product.popular.query({}, { signal }));
    return JSON.stringify({ name: product.name, missing, stock, steps, unequipped, event, aborted, answers });
  })()`);
  expect(JSON.parse(String(told))).toEqual({
    name: 'Hammer',
    missing: 'PRODUCT_NOT_FOUND',
    stock: 2,
    steps: [0, 1],
    unequipped: 'CALL_INVALID',
    event: 'caught-up',
    aborted: 'ABORTED',
    answers: ['product.byId', 'product.byId', 'product.adjustStock', 'cache.warm'],
  });

  service.faults.push(hang);
  const late = await runtime.evaluate<Promise<string>>(`client
    .createClient({ url: ${JSON.stringify(service.url)}, deadlineMs: 100 })
    .product.popular.query()
    .then(() => 'none', (err) => client.failureOf(err).code)`);
  expect(late).toBe('DEADLINE_EXCEEDED');
});
