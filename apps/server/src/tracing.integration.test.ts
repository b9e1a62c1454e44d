import { spanTree, type SunkSpan } from '@throughline/local-stack';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { someProduct } from './testing/real-service.ts';
import { startTracedService, type TracedService } from './testing/traced-service.ts';

let traced: TracedService;
let id: number;
let key: string;

beforeAll(async () => {
  traced = await startTracedService();
  ({ id } = await someProduct(traced.service));
  key = `product:${id}`;
  // From now on every script is loaded and every connection is open.
  await forget();
  await traced.service.client.product.byId.query({ id });
});

afterAll(async () => traced[Symbol.asyncDispose]());

describe('the trace of', () => {
  it('a hit is the request, the call, the read and the one message to Redis', async () => {
    await traced.service.client.product.byId.query({ id });
    const { spans, response } = await traced.traceOf('product.byId', { inputs: [{ id }] });
    expect(response.headers.get('x-cache')).toBe('hit');
    expect(treeOf(spans)).toBe(
      tree(`
        GET /trpc/{procedures}
        └ trpc/product.byId
          └ cache.read
            └ redis-MGET`),
    );
    expect(find(spans, 'cache.read').attributes).toMatchObject({
      'cache.outcome': 'hit',
      'cache.entries': 1,
      'cache.entry.version': 1,
    });
  });

  it('a miss shows the load with its lease, its statement and its fill', async () => {
    await forget();
    const { spans } = await traced.traceOf('product.byId', { inputs: [{ id }], until: hasFilled });
    expect(treeOf(spans)).toBe(
      tree(`
        GET /trpc/{procedures}
        └ trpc/product.byId
          └ cache.read
            ├ redis-MGET
            └ cache.load
              ├ LEASE
              │ └ redis-EVALSHA
              ├ pg.query:select_products
              └ FILL
                └ redis-EVALSHA`),
    );
    expect(find(spans, 'cache.read').attributes['cache.outcome']).toBe('miss');
    expect(find(spans, 'cache.load').attributes).toEqual({
      'cache.namespace': 'product',
      'cache.load.cause': 'miss',
      'cache.entry.version': 1,
    });
  });

  it('updatePrice shows BEGIN, INTEND, the SQL, COMMIT and PUBLISH', async () => {
    const { spans } = await traced.traceOf('product.updatePrice', {
      inputs: [{ id, price: '9.90' }],
      mutation: true,
    });
    expect(treeOf(spans)).toBe(
      tree(`
        POST /trpc/{procedures}
        └ trpc/product.updatePrice
          └ cache.write
            ├ pg.query:BEGIN
            ├ pg.query:write-through-lock
            ├ pg.query:write-through-begun
            ├ INTEND
            │ └ redis-EVALSHA
            ├ pg.query:lock_product
            ├ pg.query:update_price
            ├ pg.query:COMMIT
            └ PUBLISH
              └ redis-EVALSHA`),
    );
    expect(find(spans, 'cache.write').attributes).toEqual({
      'cache.operation': 'updatePrice',
      'cache.outcome': 'published',
      'cache.entry.version': 2,
    });
    expect(find(spans, 'INTEND').attributes).toEqual({ 'cache.step.outcome': 'applied' });
  });

  it('a batch of ten is one request with ten calls beneath it', async () => {
    const inputs = Array.from({ length: 10 }, () => ({ id }));
    const { spans } = await traced.traceOf('product.byId', { inputs });
    const servers = spans.filter(({ kind }) => kind === 'server');
    expect(servers).toHaveLength(1);
    const calls = spans.filter(({ name }) => name === 'trpc/product.byId');
    expect(calls.map(({ parentSpanId }) => parentSpanId)).toEqual(
      Array.from({ length: 10 }, () => servers[0]?.spanId),
    );
    const places = calls.map(({ attributes }) => Number(attributes['trpc.batch_index']));
    expect(places.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('a read that joined a flight has a link to it', async () => {
    await forget();
    const inputs = Array.from({ length: 10 }, () => ({ id }));
    const { spans } = await traced.traceOf('product.byId', { inputs, until: hasFilled });
    const loads = spans.filter(({ name }) => name === 'cache.load');
    // The first takes off at once, the second boards the next flight, and all others join that.
    expect(loads).toHaveLength(2);
    const joined = spans.filter(({ attributes }) => attributes['cache.flight'] === 'joined');
    expect(joined).toHaveLength(8);
    const second = loads.at(-1);
    for (const { name, links } of joined) {
      expect(name).toBe('cache.read');
      expect(links).toMatchObject([{ traceId: second?.traceId, spanId: second?.spanId }]);
    }
  });

  it('a call that was refused says so and is no failure', async () => {
    const { spans } = await traced.traceOf('product.byId', { inputs: [{ id: 999_999 }] });
    const call = find(spans, 'trpc/product.byId');
    expect(call.attributes['rpc.status_code']).toBe('NOT_FOUND');
    expect(spans.some(({ failed }) => failed)).toBe(false);
  });
});

describe('a trace that the caller has begun', () => {
  const caller = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };

  it('goes on through the service, whose span the answer names', async () => {
    const traceparent = `00-${caller.traceId}-${caller.spanId}-01`;
    const { spans, response } = await traced.traceOf('product.byId', {
      inputs: [{ id }],
      headers: { traceparent },
    });
    const server = spans.find(({ kind }) => kind === 'server');
    expect(server).toMatchObject({ traceId: caller.traceId, parentSpanId: caller.spanId });
    const answered = response.headers.get('traceparent');
    expect(answered).toBe(`00-${caller.traceId}-${server?.spanId}-01`);
  });

  it('is not made up from a header that is none', async () => {
    const { spans } = await traced.traceOf('product.byId', {
      inputs: [{ id }],
      headers: { traceparent: `00-${'0'.repeat(32)}-${caller.spanId}-01` },
    });
    expect(spans.find(({ kind }) => kind === 'server')?.parentSpanId).toBeUndefined();
  });
});

it('no span has another name or another attribute than these', async () => {
  await forget();
  await traced.traceOf('product.byId', { inputs: [{ id }], until: hasFilled });
  await traced.traceOf('product.updatePrice', { inputs: [{ id, price: '8.80' }], mutation: true });
  const request = ['http.request.method', 'http.route', 'http.response.status_code'];
  const connection = ['network.protocol.version', 'url.scheme'];
  const server = ['db.system.name', 'server.address', 'server.port'];
  const step = ['cache.step.outcome'];
  const answers = ['cache.entries', 'cache.entry.age_ms', 'cache.entry.version'];
  const call = ['rpc.system.name', 'rpc.method', 'rpc.status_code'];
  const allowed: Record<string, readonly string[]> = {
    'GET /trpc/{procedures}': [...request, ...connection],
    'POST /trpc/{procedures}': [...request, ...connection],
    'trpc/*': [...call, 'trpc.batch_index', 'trpc.type'],
    'cache.read': [...answers, 'cache.operation', 'cache.outcome', 'cache.flight'],
    'cache.write': ['cache.entry.version', 'cache.operation', 'cache.outcome'],
    'cache.load': [...answers, 'cache.load.cause', 'cache.namespace'],
    LEASE: step,
    FILL: step,
    INTEND: step,
    PUBLISH: step,
    'pg.query:*': [...server, 'db.namespace', 'db.query.text', 'db.postgresql.plan'],
    'pg.connect': [...server, 'db.namespace'],
    // The first of its kind fails where Redis does not have the script.
    'redis-*': [...server, 'db.operation.name', 'db.query.text', 'error.type'],
  };
  for (const { name, attributes, events } of traced.sink.spans) {
    const kind = name.replace(/^(trpc\/|pg\.query:|redis-).*/, '$1*');
    expect(allowed[kind], name).toEqual(expect.arrayContaining(Object.keys(attributes)));
    expect(['', 'exception']).toContain(events.join());
    expect(String(attributes['db.query.text'] ?? ''), 'a literal').not.toMatch(
      /'|\b\d+\b(?<!\$\d+)/,
    );
  }
});

async function forget(): Promise<void> {
  await traced.service.client.cache.invalidate.mutate({ key });
}

function hasFilled(spans: readonly SunkSpan[]): boolean {
  return spans.some(({ name }) => name === 'FILL');
}

function find(spans: readonly SunkSpan[], name: string): SunkSpan {
  const span = spans.find((each) => each.name === name);
  if (span === undefined) throw new Error(`The trace has no ${name}.`);
  return span;
}

/**
 * Without the name of the database, which is another in each run, and without what a new connection costs: a pool
 * closes those that are idle when it sees fit.
 */
function treeOf(spans: readonly SunkSpan[]): string {
  const asked = spans.filter(({ name }) => !/^pg\.(connect|query:(SET|SHOW))/.test(name));
  const rows = spanTree(asked).map(({ drawn }) => drawn.replace(/ test_\w+$/, ''));
  return rows.join('\n');
}

function tree(drawn: string): string {
  return drawn.trim().replaceAll(/^ {8}/gm, '');
}
