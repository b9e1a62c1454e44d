import { Registry, type OpenMetricsContentType } from 'prom-client';
import { expect, test } from 'vitest';
import type { MetricTable } from './metric-definition.ts';
import { createMetricSet, type MetricSet, type Sources } from './metric-set.ts';

const table = {
  audits_total: { type: 'counter', help: 'Audits.', labels: { result: ['same', 'violation'] } },
  requests_total: { type: 'counter', help: 'Requests.', labels: { operation: { valuesMax: 9 } } },
  reconnects_total: { type: 'counter', help: 'Reconnects.', labels: {}, scraped: true },
  epoch: { type: 'gauge', merge: 'max', help: 'The epoch.', labels: {}, scraped: true },
  mode: {
    type: 'gauge',
    merge: 'max',
    help: 'The mode.',
    labels: { state: ['on', 'off'] },
    scraped: true,
  },
  level: { type: 'gauge', merge: 'max', help: 'A level.', labels: {} },
  wait_seconds: {
    type: 'histogram',
    help: 'A wait.',
    labels: {},
    buckets: [1, 2],
    exemplars: true,
  },
} as const satisfies MetricTable;

test('a counter whose labels are known begins at zero with each, one with open labels at the first event', async () => {
  const metrics = start();
  expect(await samplesOf(metrics, 'audits')).toEqual([
    'audits_total{result="same"} 0',
    'audits_total{result="violation"} 0',
  ]);
  expect(await samplesOf(metrics, 'requests')).toEqual([]);
});

test('events are counted one by one or several at once', async () => {
  const metrics = start();
  metrics.count('requests_total', { operation: 'byId' });
  metrics.count('requests_total', { operation: 'byId' }, 4);
  expect(await samplesOf(metrics, 'requests')).toEqual(['requests_total{operation="byId"} 5']);
});

test('a counter that was looked up begins at zero, and has all its events at the next exposition', async () => {
  const metrics = start();
  const count = metrics.counter('requests_total', { operation: 'byId' });
  expect(await samplesOf(metrics, 'requests')).toEqual(['requests_total{operation="byId"} 0']);
  count();
  count(4);
  metrics.count('requests_total', { operation: 'byId' });
  expect(await samplesOf(metrics, 'requests')).toEqual(['requests_total{operation="byId"} 6']);
  expect(await samplesOf(metrics, 'requests')).toEqual(['requests_total{operation="byId"} 6']);
});

test('a gauge has no value until it is set, and then the last one', async () => {
  const metrics = start();
  expect(await samplesOf(metrics, 'level')).toEqual([]);
  metrics.set('level', {}, 3);
  metrics.set('level', {}, 2);
  expect(await samplesOf(metrics, 'level')).toEqual(['level 2']);
});

test('a scraped metric says what its source says at that scrape, and nothing of earlier ones', async () => {
  let state: 'on' | 'off' = 'on';
  let reconnects = 3;
  const metrics = start({
    mode: () => [{ labels: { state }, value: 1 }],
    reconnects_total: () => [{ labels: {}, value: reconnects }],
  });
  expect(await samplesOf(metrics, 'mode')).toEqual(['mode{state="on"} 1']);
  expect(await samplesOf(metrics, 'reconnects')).toEqual(['reconnects_total 3']);
  state = 'off';
  reconnects = 5;
  expect(await samplesOf(metrics, 'mode')).toEqual(['mode{state="off"} 1']);
  expect(await samplesOf(metrics, 'reconnects')).toEqual(['reconnects_total 5']);
});

test('a source with nothing to say exposes no sample, rather than zero', async () => {
  expect(await samplesOf(start(), 'epoch')).toEqual([]);
});

test('observations outside of a span have no exemplar, and the next one within a span has', async () => {
  const spans = [
    undefined,
    { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', sampled: true },
  ];
  const metrics = start({}, () => spans.shift());
  metrics.observe('wait_seconds', {}, 0.5);
  expect((await metrics.expose()).text).not.toContain('trace_id');
  metrics.observe('wait_seconds', {}, 1.5);
  const samples = await samplesOf(metrics, 'wait_seconds_bucket');
  expect(samples.filter((line) => line.includes('trace_id'))).toEqual([
    expect.stringMatching(
      /^wait_seconds_bucket\{le="2"\} 2 # \{trace_id="0af.*",span_id="b7a.*"\} 1\.5 \d+/,
    ),
  ]);
});

test('a second exposition is the same as the first', async () => {
  const metrics = start();
  expect(await metrics.expose()).toEqual(await metrics.expose());
});

test('a name, a label or a source that is not in the table does not compile', () => {
  const metrics = start();
  // @ts-expect-error -- a gauge is not counted
  expect(() => metrics.count('level', {})).toThrow('level');
  // @ts-expect-error -- a scraped gauge is not set
  void (() => metrics.set('epoch', {}, 1));
  // @ts-expect-error -- a value that the label does not have
  void (() => metrics.count('audits_total', { result: 'maybe' }));
  // @ts-expect-error -- a source is missing
  const sources: Sources<typeof table> = { epoch: () => [], mode: () => [] };
  expect(Object.keys(sources)).not.toContain('reconnects_total');
});

function start(
  sources: Partial<Sources<typeof table>> = {},
  currentSpan?: () => { traceId: string; spanId: string; sampled: boolean } | undefined,
): MetricSet<typeof table> {
  const silent = { reconnects_total: () => [], epoch: () => [], mode: () => [] };
  const registry = new Registry<OpenMetricsContentType>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  return createMetricSet(table, { registry, sources: { ...silent, ...sources }, currentSpan });
}

async function samplesOf(metrics: MetricSet<typeof table>, name: string): Promise<string[]> {
  const { text } = await metrics.expose();
  return text.split('\n').filter((line) => line.startsWith(name));
}
