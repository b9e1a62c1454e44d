import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';
import { latencyBucketsSeconds, metricTable } from './metric-table.ts';

test('every metric of the table is exposed with its type and help', async () => {
  const { text } = await createMetrics().expose();
  for (const [name, definition] of Object.entries(metricTable)) {
    expect(text).toContain(`# HELP ${name} ${definition.help}`);
    expect(text).toContain(`# TYPE ${name} ${definition.type}`);
  }
});

test('an observation lands in the buckets that the objectives are measured by', async () => {
  const metrics = createMetrics();
  const labels = { operation: 'updatePrice', cache_success: 'true' };
  metrics.observe('product_write_duration_seconds', labels, 0.02);

  const { text } = await metrics.expose();
  const edges = [...text.matchAll(/product_write_duration_seconds_bucket\{le="([^"]+)"/g)];
  expect(edges.map(([, edge]) => edge)).toEqual([...latencyBucketsSeconds.map(String), '+Inf']);
  expect(text).toContain(bucketLine('0.01', 0));
  expect(text).toContain(bucketLine('0.025', 1));
});

test('the process reports its own default metrics', async () => {
  const { text, contentType } = await createMetrics().expose();
  expect(text).toContain('process_cpu_user_seconds_total');
  expect(contentType).toMatch(/^text\/plain/);
});

test('no gauge carries the suffix of a counter', async () => {
  const { text } = await createMetrics().expose();
  const gauges = [...text.matchAll(/^# TYPE (\S+) gauge$/gm)].map(([, name]) => name);
  expect(gauges.filter((name) => name?.endsWith('_total'))).toEqual([]);
});

test('every name of the table says its unit, and a duration says it in seconds', () => {
  for (const name of Object.keys(metricTable)) expect(name).toMatch(/_seconds$/);
});

test('two sets of metrics share no number', async () => {
  const [one, other] = [createMetrics(), createMetrics()];
  one.observe('product_read_duration_seconds', { operation: 'byId', cache_success: 'true' }, 1);
  const { text } = await other.expose();
  expect(text).not.toContain('operation="byId"');
});

function bucketLine(edge: string, count: number): string {
  const labels = `le="${edge}",operation="updatePrice",cache_success="true"`;
  return `product_write_duration_seconds_bucket{${labels}} ${count}\n`;
}
