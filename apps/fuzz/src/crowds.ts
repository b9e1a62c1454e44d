import fc from 'fast-check';
import type { Visitor } from './crowd.ts';
import type { Exchange } from './exchange.ts';
import { popular } from './raw-exchange.ts';

/** As many make a process do one thing between two others of the same client, which few do not. */
const visitorsMax = 40;

const follows = fc
  .oneof(
    fc.constantFrom({}, { ids: [1, 2, 3] }, { categoryId: 1 }),
    fc.record({ lastEventId: fc.nat({ max: 99 }).map(String) }),
  )
  .map((input) => get('product.changes', input));

const stream = 'trpc-accept: application/jsonl';
const ids = Array.from({ length: 60 }, (_, index) => index + 1);
const bulkCalls = 20;
const bulk = get(
  `${Array.from({ length: bulkCalls }, () => 'product.byIds').join(',')}?batch=1`,
  Object.fromEntries(Array.from({ length: bulkCalls }, (_, index) => [index, { ids }])),
);

/** What is under way when its client leaves, or lies ready to be sent. */
const others = fc.constantFrom(
  get('product.popular'),
  get('product.byIds', { ids }),
  bulk,
  get('product.byId,category.list?batch=1', { 0: { id: 1 } }, stream),
  post('cache.warm?batch=1', { 0: { count: 100 } }, stream),
  post('product.updatePrice', { id: 1, price: '1.00' }),
  'GET / HTTP/1.1\r\nhost: localhost\r\naccept: text/html\r\n\r\n',
);

const pipeline = fc.array(
  fc.oneof({ weight: 2, arbitrary: follows }, { weight: 1, arbitrary: others }),
  { minLength: 1, maxLength: 4 },
);

const visitor: fc.Arbitrary<Visitor> = fc.record({
  // Without the end of the last request, at times.
  bytes: fc
    .tuple(
      pipeline,
      fc.oneof({ weight: 7, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(60) }),
    )
    .map(([requests, missing]) => requests.join('').slice(0, missing === 0 ? undefined : -missing)),
  leaves: fc.constantFrom('reset', 'close', 'half-close'),
  afterMs: fc.integer({ min: 0, max: 15 }),
  isReading: fc.boolean(),
});

/** Clients that leave at any moment, and one that comes after them and is to be answered as ever. */
export const leavingCrowds: fc.Arbitrary<Exchange> = fc
  .array(visitor, { minLength: 1, maxLength: visitorsMax, size: 'max' })
  .map((before) => ({
    kind: 'after others left',
    port: 'service',
    before,
    bytes: popular,
    end: 'wait',
    calls: { procedures: ['product.popular'], isBatch: false, isStream: false },
  }));

function get(path: string, input?: unknown, ...headers: string[]): string {
  const query = input === undefined ? '' : `input=${encodeURIComponent(JSON.stringify(input))}`;
  const joint = path.includes('?') ? '&' : '?';
  return request(`GET /trpc/${path}${query === '' ? '' : joint + query}`, headers, '');
}

function post(path: string, input: unknown, ...headers: string[]): string {
  const body = JSON.stringify(input);
  const framing = ['content-type: application/json', `content-length: ${body.length}`];
  return request(`POST /trpc/${path}`, [...framing, ...headers], body);
}

function request(begin: string, headers: readonly string[], body: string): string {
  const head = [
    `${begin} HTTP/1.1`,
    'host: localhost',
    'authorization: Bearer <<all>>',
    ...headers,
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
