import { context, propagation } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { type ClientOptions, createClient } from '@throughline/client';
import type { SunkSpan } from '@throughline/local-stack';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { someProduct } from './testing/real-service.ts';
import { startTracedService, type TracedService } from './testing/traced-service.ts';

let traced: TracedService;
let id: number;
const provider = new TracerProvider({});
const tracer = provider.getTracer('of-the-test');

beforeAll(async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  traced = await startTracedService();
  ({ id } = await someProduct(traced.service));
});

afterAll(async () => {
  context.disable();
  propagation.disable();
  await traced[Symbol.asyncDispose]();
});

describe('with OpenTelemetry and propagate', () => {
  it('the request of a call is a child of the span in which it was made', async () => {
    const client = clientWith({ propagate });
    const { spanId, requests } = await within(async () => client.product.byId.query({ id }));
    expect(requests).toEqual([{ name: 'GET /trpc/{procedures}', parentSpanId: spanId }]);
  });

  it('a mutation that is sent again is a child of the same span each time', async () => {
    let count = 0;
    const client = clientWith({
      propagate,
      fetch: async (url, init) => {
        const response = await fetch(url, init);
        if (++count > 1) return response;
        await response.body?.cancel();
        throw new TypeError('The answer was lost.');
      },
    });
    const mutation = async () => client.product.updatePrice.mutate({ id, price: '9.00' });
    const { spanId, requests } = await within(mutation, 2);
    const request = { name: 'POST /trpc/{procedures}', parentSpanId: spanId };
    expect(requests).toEqual([request, request]);
  });

  it('calls of two spans in one tick are children each of its own', async () => {
    const client = clientWith({ propagate });
    const read = async () => within(async () => client.product.byId.query({ id }));
    const both = await Promise.all([read(), read()]);
    for (const { spanId, requests } of both) {
      expect(requests).toMatchObject([{ parentSpanId: spanId }]);
    }
  });

  it('two calls of one span share a request', async () => {
    const client = clientWith({ propagate });
    const calls = async () =>
      Promise.all([client.product.byId.query({ id }), client.category.list.query()]);
    const { requests } = await within(calls);
    expect(requests).toHaveLength(1);
  });

  it('the answer tells the trace that it belongs to', async () => {
    const told: (string | undefined)[] = [];
    const client = clientWith({ propagate, batch: false, onAnswer: (a) => told.push(a.traceId) });
    const { traceId } = await within(async () => client.product.byId.query({ id }));
    expect(told).toEqual([traceId]);
  });
});

describe('with the instrumentation of fetch in Node', () => {
  beforeAll(() => {
    const instrumentation = new UndiciInstrumentation();
    instrumentation.setTracerProvider(provider);
    return () => instrumentation.disable();
  });

  it('the request of a call belongs to the trace of its caller, and nothing has to be said', async () => {
    const client = clientWith({});
    const { spanId, requests } = await within(async () => client.product.byId.query({ id }));
    expect(requests).toHaveLength(1);
    // The instrumentation has a span of its own in between.
    expect(requests[0]?.parentSpanId).toMatch(/^[0-9a-f]{16}$/);
    expect(requests[0]?.parentSpanId).not.toBe(spanId);
  });
});

function propagate(headers: Record<string, string>): void {
  propagation.inject(context.active(), headers);
}

function clientWith(options: Partial<ClientOptions>) {
  const { url, token } = traced.service;
  return createClient({ url, token, ...options });
}

/** What the service traced of the calls that were made within a span, once so many requests of it have arrived. */
async function within(call: () => Promise<unknown>, requestCount = 1) {
  const { traceId, spanId } = await tracer.startActiveSpan('caller', async (span) => {
    await call();
    span.end();
    return span.spanContext();
  });
  const arrived = () => traced.sink.trace(traceId).filter(({ kind }) => kind === 'server');
  await expect.poll(arrived, { timeout: 20_000, interval: 50 }).toHaveLength(requestCount);
  return { traceId, spanId, requests: arrived().map(toRequest) };
}

function toRequest({ name, parentSpanId }: SunkSpan) {
  return { name, parentSpanId };
}
