import {
  createTRPCClient,
  httpBatchLink,
  httpBatchStreamLink,
  httpLink,
  httpSubscriptionLink,
  isTRPCClientError,
  type TRPCLink,
} from '@trpc/client';
import { initTRPC, tracked, TRPCError } from '@trpc/server';
import { octetInputParser } from '@trpc/server/http';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { createHttpHandler } from './http-handler.ts';
import { openRawServer } from './testing/raw-exchange.ts';

const t = initTRPC.create({ isDev: false });
const router = t.router({
  byId: t.procedure
    .input(z.object({ id: z.number() }))
    .query(({ input }) => ({ ...input, name: 'é😀' })),
  missing: t.procedure.query((): number => {
    throw new TRPCError({ code: 'NOT_FOUND', message: 'There is none.' });
  }),
  set: t.procedure.input(z.string()).mutation(({ input }) => `set ${input}`),
  upload: t.procedure
    .input(z.instanceof(FormData))
    .mutation(({ input }) =>
      [...input.keys(), ...input.getAll('name')].map((part) => JSON.stringify(part)),
    ),
  raw: t.procedure
    .input(octetInputParser)
    .mutation(async ({ input }) => (await Array.fromAsync(input)).map(({ length }) => length)),
  counts: t.procedure.query(async function* () {
    yield 1;
    yield 2;
  }),
  ticks: t.procedure.input(z.number()).subscription(async function* ({ input }) {
    yield tracked('a', input);
    yield tracked('b', input + 1);
  }),
});
type Router = typeof router;

type MakeLink = (url: string) => TRPCLink<Router>;

const links: [string, MakeLink][] = [
  ['httpLink', (url) => httpLink({ url })],
  ['httpBatchLink', (url) => httpBatchLink({ url })],
  ['httpBatchLink with POST', (url) => httpBatchLink({ url, methodOverride: 'POST' })],
  ['httpBatchStreamLink', (url) => httpBatchStreamLink({ url })],
];

test.each(links)('%s gets answers and errors', async (_, link) => {
  const client = await clientOf(link);
  const [one, two, missing] = await Promise.allSettled([
    client.byId.query({ id: 1 }),
    client.byId.query({ id: 2 }),
    client.missing.query(),
  ]);
  expect(one).toMatchObject({ value: { id: 1, name: 'é😀' } });
  expect(two).toMatchObject({ value: { id: 2 } });
  expect(missing.status === 'rejected' && isTRPCClientError<Router>(missing.reason)).toBe(true);
  expect(missing).toMatchObject({
    reason: { message: 'There is none.', data: { httpStatus: 404 } },
  });
  expect(await Promise.all([client.set.mutate('a'), client.set.mutate('b')])).toEqual([
    'set a',
    'set b',
  ]);
});

test('httpLink sends form data and bytes', async () => {
  const client = await clientOf((url) => httpLink({ url }));
  const form = new FormData();
  form.append('name', 'é');
  expect(await client.upload.mutate(form)).toEqual(['"name"', '"é"']);
  expect(await client.raw.mutate(new Blob(['12345']))).toEqual([5]);
});

test('httpBatchStreamLink gets what a generator yields, as it yields it', async () => {
  const client = await clientOf((url) => httpBatchStreamLink({ url }));
  expect(await Array.fromAsync(await client.counts.query())).toEqual([1, 2]);
});

test('httpSubscriptionLink gets every event, and stops', async () => {
  const client = await clientOf((url) => httpSubscriptionLink({ url, EventSource: FetchedEvents }));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const events: unknown[] = [];
  client.ticks.subscribe(5, {
    onData: (event) => events.push(event),
    onComplete: resolve,
    onError: reject,
  });
  await promise;
  expect(events).toEqual([
    { id: 'a', data: 5 },
    { id: 'b', data: 6 },
  ]);
});

async function clientOf(link: MakeLink) {
  const server = await openRawServer(createHttpHandler({ router, allowMethodOverride: true }));
  onTestFinished(() => server[Symbol.asyncDispose]());
  return createTRPCClient<Router>({ links: [link(`http://127.0.0.1:${server.port}`)] });
}

/** As much of an EventSource as the link takes, which Node has none of by default. */
class FetchedEvents extends EventTarget {
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSED = 2;
  readyState = 0;
  readonly #abort = new AbortController();

  constructor(url: string) {
    super();
    void this.#read(url);
  }

  close(): void {
    this.readyState = 2;
    this.#abort.abort();
  }

  async #read(url: string): Promise<void> {
    const { signal } = this.#abort;
    const response = await fetch(url, { signal });
    this.readyState = 1;
    this.dispatchEvent(new Event('open'));
    let pending = '';
    try {
      for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
        const blocks = (pending + text).split('\n\n');
        pending = blocks.pop() ?? '';
        for (const block of blocks) this.dispatchEvent(eventOf(block));
      }
    } catch (err) {
      if (!signal.aborted) throw err;
    }
  }
}

function eventOf(block: string): MessageEvent {
  const fields = new Map(
    block.split('\n').map((line) => {
      const [name = '', ...value] = line.split(': ');
      return [name, value.join(': ')];
    }),
  );
  const [data, lastEventId] = [fields.get('data') ?? '', fields.get('id') ?? ''];
  return new MessageEvent(fields.get('event') ?? 'message', { data, lastEventId });
}
