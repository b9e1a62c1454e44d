import type { PlacedEvent } from '@throughline/product-repository';
import { createClient, type ClientOptions, type ThroughlineError } from '@throughline/client';
import { beforeEach, expect, test } from 'vitest';
import { Admission } from './admission.ts';
import { limits } from './limits.ts';
import { inputOf, startService, type RunningService } from './testing/running-service.ts';
import { anHourAgoSeconds, sign, tokenWith } from './testing/tokens.ts';

const changedAt = '2026-01-01T00:00:00.000Z';
const events: readonly PlacedEvent[] = [
  { id: '6', event: { type: 'changed', id: 1, version: 2, categoryId: 4, changedAt } },
  {
    id: '7',
    event: { type: 'deleted', id: 1, version: 3, categoryId: 4, previousCategoryId: 5, changedAt },
  },
  { id: '8', event: { type: 'caught-up' } },
];

let service: RunningService;

beforeEach(async () => {
  service = await startService(false, {
    admission: new Admission({ ...limits, requestsMax: 1, requestsMaxWhenBusy: 1 }),
  });
  service.products.events.splice(0, Infinity, ...events);
  return () => service[Symbol.asyncDispose]();
});

test('a subscriber is told the events, each with the id to go on from, and after an id what follows it', async () => {
  const token = await tokenWith('catalog:read');
  using all = new Subscriber(token);
  await expect.poll(() => all.told).toEqual(events);
  using rest = new Subscriber(token, { lastEventId: '7' });
  await expect.poll(() => rest.told).toEqual(events.slice(2));
});

test('the id in the header of a client that connects again counts as the one in its input', async () => {
  const response = await service.request(`product.changes?input=${inputOf({})}`, {
    headers: {
      authorization: `Bearer ${await tokenWith('catalog:read')}`,
      'last-event-id': '7',
    },
    signal: AbortSignal.timeout(10_000),
  });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += new TextDecoder().decode(chunk);
    if (text.includes('id: 8')) break;
  }
  expect(text).not.toContain('id: 7');
});

test('a subscriber holds no place among the requests in flight', async () => {
  const token = await tokenWith('catalog:read');
  using first = new Subscriber(token);
  await expect.poll(() => first.told.length).toBe(3);
  using second = new Subscriber(token);
  await expect.poll(() => second.told.length).toBe(3);
  const client = await service.clientWith('catalog:read');
  expect(await client.product.popular.query()).toEqual([]);
});

test('a connection ends with the token that it came with, so that the client asks for another', async () => {
  const soonSeconds = Math.floor(Date.now() / 1000) + 1;
  const tokens = [
    await sign({ scope: 'catalog:read', exp: soonSeconds }),
    await sign({ scope: 'catalog:read', exp: anHourAgoSeconds }),
  ];
  using subscriber = new Subscriber(() => tokens.shift() ?? '');
  await expect.poll(() => subscriber.told).toEqual(events);
  expect((await subscriber.error).data).toMatchObject({ serviceCode: 'TOKEN_REJECTED' });
  expect(tokens).toEqual([]);
}, 15_000);

test.each([
  ['a token that does not allow reading', 'catalog:write', {}, 'SCOPE_MISSING'],
  ['products and a category at once', 'catalog:read', { ids: [1], categoryId: 1 }, 'INPUT_INVALID'],
  ['an id that is none', 'catalog:read', { lastEventId: 'x' }, 'INPUT_INVALID'],
] as const)('%s is refused, and the error is told', async (_, scope, input, serviceCode) => {
  using subscriber = new Subscriber(await tokenWith(scope), { ...input });
  expect((await subscriber.error).data).toMatchObject({ serviceCode });
  expect(subscriber.told).toEqual([]);
});

class Subscriber implements Disposable {
  readonly told: unknown[] = [];
  readonly error: Promise<ThroughlineError>;
  readonly #leave: () => void;

  constructor(token: ClientOptions['token'], input = {}) {
    const { promise, resolve } = Promise.withResolvers<ThroughlineError>();
    const client = createClient({ url: service.url, token });
    const subscription = client.product.changes.subscribe(input, {
      onData: ({ id, data }) => this.told.push({ id, event: data }),
      onError: resolve,
    });
    this.error = promise;
    this.#leave = () => subscription.unsubscribe();
  }

  [Symbol.dispose](): void {
    this.#leave();
  }
}
