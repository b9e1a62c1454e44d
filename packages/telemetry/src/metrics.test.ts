import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';
import { latencyBucketsSeconds, metricTable } from './metric-table.ts';

test('every metric of the table is exposed with its type and help', async () => {
  const { text } = await createMetrics().expose();
  for (const [name, definition] of Object.entries(metricTable)) {
    // In OpenMetrics, `_total` is part of a counter's samples and not of its name.
    const family = name.replace(/_total$/, '');
    expect(text).toContain(`# HELP ${family} ${definition.help}`);
    expect(text).toContain(`# TYPE ${family} ${definition.type}`);
  }
});

test('an observation lands in the buckets that the objectives are measured by', async () => {
  const metrics = createMetrics();
  const labels = { operation: 'updatePrice', cache_success: 'true' } as const;
  metrics.observe('product_write_duration_seconds', labels, 0.02);

  const { text } = await metrics.expose();
  const edges = [...text.matchAll(/product_write_duration_seconds_bucket\{le="([^"]+)"/g)];
  expect(edges.map(([, edge]) => edge)).toEqual([...latencyBucketsSeconds.map(String), '+Inf']);
  expect(text).toContain(bucketLine('0.01', 0));
  expect(text).toContain(bucketLine('0.025', 1));
});

test('the process reports its own default metrics, in the format that has exemplars', async () => {
  const { text, contentType } = await createMetrics().expose();
  expect(text).toContain('process_cpu_user_seconds_total');
  expect(contentType).toMatch(/^application\/openmetrics-text; version=1\.0\.0/);
  expect(text).toMatch(/\n# EOF\n$/);
});

test('no gauge carries the suffix of a counter', async () => {
  const { text } = await createMetrics().expose();
  const gauges = [...text.matchAll(/^# TYPE (\S+) gauge$/gm)].map(([, name]) => name);
  expect(gauges.filter((name) => name?.endsWith('_total'))).toEqual([]);
});

test('two sets of metrics share no number', async () => {
  const [one, other] = [createMetrics(), createMetrics()];
  one.observe('product_read_duration_seconds', { operation: 'byId', cache_success: 'true' }, 1);
  const { text } = await other.expose();
  expect(text).not.toContain('operation="byId"');
});

test('an observation within a sampled span names its trace', async () => {
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const spanId = 'b7ad6b7169203331';
  const currentSpan = () => ({ traceId, spanId, sampled: true });
  const metrics = createMetrics({ currentSpan });
  const labels = { operation: 'byId', cache_success: 'true' } as const;
  metrics.observe('product_read_duration_seconds', labels, 0.02);
  const { text } = await metrics.expose();
  expect(text).toContain(`# {trace_id="${traceId}",span_id="${spanId}"} 0.02 `);
});

function bucketLine(edge: string, count: number): string {
  const labels = `le="${edge}",operation="updatePrice",cache_success="true"`;
  return `product_write_duration_seconds_bucket{${labels}} ${count}`;
}
