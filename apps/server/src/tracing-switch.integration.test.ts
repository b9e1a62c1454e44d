import { SpanSink } from '@throughline/local-stack';
import { createTestDatabase, localStack, redisKeyPrefix } from '@throughline/local-stack/testing';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { someProduct, startServer } from './testing/real-service.ts';
import { scrape } from './testing/scrape.ts';
import { startTracedService } from './testing/traced-service.ts';

const patience = { timeout: 30_000, interval: 100 };

describe('a service that nobody asked for spans', () => {
  it('has none, says nothing of them, and answers as before', async () => {
    await using opened = await startPlainService({});
    const { service } = opened;
    const { id } = await someProduct(service);
    const response = await fetch(`${service.url}/product.byId?input=%7B%22id%22%3A${id}%7D`, {
      headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
    });
    expect(response.status).toBe(200);
    expect(response.headers.has('traceparent')).toBe(false);
    const metrics = await scrape(service);
    expect(metrics.value('telemetry_spans_total', { outcome: 'exported' })).toBe(0);
    expect(metrics.value('telemetry_spans_total', { outcome: 'dropped' })).toBe(0);
    expect(metrics.text).not.toContain('trace_id');
    expect(service.process.printed().join()).not.toMatch(/trace_id|span/);
  });

  it('has none either when they are turned off', async () => {
    await using sink = await SpanSink.start();
    const off = { ...sink.environment, OTEL_SDK_DISABLED: 'true' };
    await using opened = await startPlainService(off);
    const response = await fetch(`${opened.service.url}/category.list?input=%7B%7D`);
    expect(response.headers.has('traceparent')).toBe(false);
    expect(sink.received).toEqual([]);
  });
});

describe('a service that sends spans', () => {
  it('names them in its log, and in the exemplars of its durations', async () => {
    await using traced = await startTracedService();
    const { id } = await someProduct(traced.service);
    const { spans } = await traced.traceOf('product.updatePrice', {
      inputs: [{ id, price: '1.00' }],
      mutation: true,
    });
    const write = spans.find(({ name }) => name === 'cache.write');
    const line = await traced.service.process.line('price changed');
    expect(line).toMatchObject({ trace_id: write?.traceId, span_id: write?.spanId });
    const { text } = await scrape(traced.service);
    const exemplar = `# {trace_id="${write?.traceId}",span_id="${write?.spanId}"}`;
    expect(
      text
        .split('\n')
        .filter((each) => each.includes(exemplar))
        .join(),
    ).toMatch(/^product_write_duration_seconds_bucket/);
  });

  it('keeps none of a trace that its caller does not keep, and names that trace all the same', async () => {
    await using traced = await startTracedService();
    const { service, sink } = traced;
    const { id } = await someProduct(service);
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const response = await fetch(`${service.url}/product.updatePrice`, {
      method: 'POST',
      body: JSON.stringify({ id, price: '2.00' }),
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${service.token}`,
        traceparent: `00-${traceId}-b7ad6b7169203331-00`,
      },
    });
    expect(response.headers.get('traceparent')).toMatch(
      new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`),
    );
    expect(await service.process.line('price changed')).toMatchObject({ trace_id: traceId });
    expect((await scrape(service)).text).not.toContain(traceId);
    service.process.kill('SIGTERM');
    expect(await service.process.exited).toBe(0);
    expect(sink.trace(traceId)).toEqual([]);
  });

  it('keeps the share of the traces that begin here, and every one that its caller keeps', async () => {
    await using traced = await startTracedService({
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0',
    });
    const { service, sink } = traced;
    const { id } = await someProduct(service);
    const left = await fetch(`${service.url}/product.byId?input=%7B%22id%22%3A${id}%7D`);
    expect(left.headers.get('traceparent')).toMatch(/^00-(?!0{32})[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    // Headers that belong to traces and name none are no caller's wish.
    for (const headers of [{ baggage: 'shop=1' }, { traceparent: 'none' }]) {
      const url = `${service.url}/product.byId?input=%7B%22id%22%3A${id}%7D`;
      const drawn = await fetch(url, { headers: new Headers(headers) });
      expect(drawn.headers.get('traceparent')).toMatch(/-00$/);
    }
    const refused = await fetch(`${service.url}/product.byId`);
    const [, refusedTrace] = refused.headers.get('traceparent')?.split('-') ?? [];
    expect(await service.process.line('refused')).toMatchObject({ trace_id: refusedTrace });
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const kept = await traced.traceOf('product.byId', {
      inputs: [{ id }],
      headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` },
    });
    expect(kept.spans.map(({ name }) => name)).toContain('cache.read');
    service.process.kill('SIGTERM');
    expect(await service.process.exited).toBe(0);
    expect(new Set(sink.spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
  });

  it('hands over the last of them when it is stopped, and counts those that arrived', async () => {
    await using traced = await startTracedService({ OTEL_BSP_SCHEDULE_DELAY: '600000' });
    const { service, sink } = traced;
    await fetch(`${service.url}/category.list?input=%7B%7D`);
    expect(sink.spans).toEqual([]);
    service.process.kill('SIGTERM');
    expect(await service.process.exited).toBe(0);
    expect(sink.spans.map(({ name }) => name)).toContain('trpc/category.list');
  });

  it('counts what arrived', async () => {
    await using traced = await startTracedService();
    await traced.traceOf('category.list', { inputs: [{}] });
    const exported = async () => {
      const metrics = await scrape(traced.service);
      return metrics.value('telemetry_spans_total', { outcome: 'exported' });
    };
    await expect.poll(exported, patience).toBe(traced.sink.spans.length);
  });

  it('counts and reports what the collector did not take, and serves on', async () => {
    await using refusing = await startRefusingCollector();
    await using opened = await startPlainService(refusing.environment);
    const { service } = opened;
    const dropped = async () => {
      const response = await fetch(`${service.url}/category.list?input=%7B%7D`);
      expect(response.status).toBe(200);
      const metrics = await scrape(service);
      return metrics.value('telemetry_spans_total', { outcome: 'dropped' });
    };
    await expect.poll(dropped, patience).toBeGreaterThan(0);
    const { problem } = await service.process.line('spans may be lost');
    expect(problem).toContain('400');
  });

  it('counts those for which its queue has no room', async () => {
    await using traced = await startTracedService({
      OTEL_BSP_SCHEDULE_DELAY: '600000',
      OTEL_BSP_MAX_QUEUE_SIZE: '2',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '2',
      // The first batch is under way for as long as the test lasts.
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://192.0.2.1:4318',
    });
    const dropped = async () => {
      await fetch(`${traced.service.url}/category.list?input=%7B%7D`);
      const metrics = await scrape(traced.service);
      return metrics.value('telemetry_spans_total', { outcome: 'dropped' });
    };
    await expect.poll(dropped, patience).toBeGreaterThan(0);
  });
});

async function startPlainService(environment: Record<string, string>) {
  await using opening = new AsyncDisposableStack();
  const database = opening.use(await createTestDatabase());
  const service = opening.use(
    await startServer({
      DATABASE_URL: database.url,
      REDIS_URL: localStack().redisUrl,
      CACHE_NAMESPACE: redisKeyPrefix(),
      ...environment,
    }),
  );
  const opened = opening.move();
  return { service, [Symbol.asyncDispose]: async () => opened.disposeAsync() };
}

async function startRefusingCollector() {
  const server = createServer((_, res) => void res.writeHead(400).end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('There is no port.');
  return {
    environment: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${address.port}`,
      OTEL_BSP_SCHEDULE_DELAY: '50',
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
