import { checkMetrics, PrometheusServer } from '@throughline/local-stack';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import type { SpanReference } from './exemplar.ts';
import { createMetrics, type Metrics } from './metrics.ts';

const waiting = { timeout: 20_000, interval: 100 };
const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';

test('a Prometheus takes the whole scrape, whatever called itself a span, and keeps the trace of a real one', async () => {
  let span: SpanReference | undefined;
  const metrics = createMetrics({ currentSpan: () => span });
  const observe = (seconds: number) => {
    const labels = { operation: 'byId', cache_success: 'true' } as const;
    metrics.observe('product_read_duration_seconds', labels, seconds);
  };
  const anySpan = fc.record({ traceId: fc.string(), spanId: fc.string(), sampled: fc.boolean() });
  const anyDuration = fc.double({ min: 0, max: 10, noNaN: true });
  fc.assert(
    fc.property(anySpan, anyDuration, (another, seconds) => {
      span = another;
      observe(seconds);
    }),
  );
  span = { traceId, spanId, sampled: true };
  observe(0.02);

  const target = await serve(metrics);
  await using prometheus = await PrometheusServer.start({
    config: JSON.stringify({
      global: { scrape_interval: '200ms', scrape_timeout: '200ms' },
      scrape_configs: [{ job_name: 'service', static_configs: [{ targets: [target] }] }],
    }),
  });
  const hour = 3600;
  const now = Date.now() / 1000;
  const range = `start=${String(now - hour)}&end=${String(now + hour)}`;
  const exemplars = `/api/v1/query_exemplars?query=product_read_duration_seconds_bucket&${range}`;
  await expect
    .poll(() => ask(prometheus, exemplars), waiting)
    .toMatchObject({
      data: [{ exemplars: [{ labels: { trace_id: traceId, span_id: spanId }, value: '0.02' }] }],
    });
  expect(await ask(prometheus, '/api/v1/query?query=up')).toMatchObject({
    data: { result: [{ value: [expect.any(Number), '1'] }] },
  });
});

test('promtool finds nothing to say against names, helps and types', async () => {
  const metrics = createMetrics();
  const labels = { operation: 'byId', cache_success: 'true' } as const;
  metrics.observe('product_read_duration_seconds', labels, 0.02);
  const text = toPlainText((await metrics.expose()).text);
  await expect(checkMetrics(text)).resolves.toBeUndefined();
  await expect(checkMetrics(`${text}\n# TYPE gauge_total gauge\ngauge_total 1\n`)).rejects.toThrow(
    'gauge_total',
  );
});

/** promtool reads the older format: counters are called what their samples are called, and there is no end mark. */
function toPlainText(openMetrics: string): string {
  return openMetrics
    .replace(/^# EOF\n/m, '')
    .replaceAll(
      /^# HELP (\S+) (.*)\n# TYPE \1 counter$/gm,
      '# HELP $1_total $2\n# TYPE $1_total counter',
    );
}

async function serve(metrics: Metrics): Promise<string> {
  const expose = async (res: ServerResponse) => {
    const { contentType, text } = await metrics.expose();
    res.writeHead(200, { 'content-type': contentType }).end(text);
  };
  const server = createServer((_, res) => void expose(res));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  return `127.0.0.1:${String(typeof address === 'object' ? address?.port : '')}`;
}

async function ask(prometheus: PrometheusServer, request: string): Promise<unknown> {
  return (await fetch(`${prometheus.url}${request}`)).json();
}
