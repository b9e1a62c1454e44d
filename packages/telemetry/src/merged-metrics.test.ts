import { expect, test } from 'vitest';
import { MergedMetrics } from './merged-metrics.ts';
import { createMetrics } from './metrics.ts';
import { processMerges } from './process-merges.ts';
import { silentSources } from './silent-sources.ts';

const span = { spanId: '00f067aa0ba902b7', sampled: true };
const read = { operation: 'byId', cache_success: 'true' } as const;

test('counters and histograms of several processes are added up', async () => {
  const [one, other] = [createMetrics(), createMetrics()];
  for (const metrics of [one, other, other]) {
    metrics.count('http_rejected_total', { reason: 'auth' });
    metrics.observe('product_read_duration_seconds', read, 0.002);
  }
  const text = await expose(new MergedMetrics(), one, other);
  expect(text).toContain('\nhttp_rejected_total{reason="auth"} 3\n');
  const labels = 'operation="byId",cache_success="true"';
  expect(text).toContain(`product_read_duration_seconds_bucket{le="0.001",${labels}} 0\n`);
  expect(text).toContain(`product_read_duration_seconds_bucket{le="0.0025",${labels}} 3\n`);
  expect(text).toContain(`product_read_duration_seconds_count{${labels}} 3\n`);
});

test('what an ended process had counted stays counted, and its gauges end with it', async () => {
  const [gone, living] = [withGauges({ inFlight: 5 }), withGauges({ inFlight: 1 })];
  const merged = new MergedMetrics();
  gone.count('http_rejected_total', { reason: 'auth' }, 7);
  gone.observe('product_read_duration_seconds', read, 0.002);
  living.count('http_rejected_total', { reason: 'auth' }, 2);
  merged.keep(await gone.snapshot());
  const text = await expose(merged, living);
  expect(text).toContain('\nhttp_rejected_total{reason="auth"} 9\n');
  expect(text).toContain(
    'product_read_duration_seconds_count{operation="byId",cache_success="true"} 1\n',
  );
  expect(text).toContain('\ntrpc_requests_in_flight 1\n');
  // Nor is anything counted twice when it is exposed again.
  expect(await expose(merged, living)).toContain('\nhttp_rejected_total{reason="auth"} 9\n');
});

test('no sum of fractions goes back when a process ends, not even in its last digit', async () => {
  // Added in another order, these make 0.6 and 0.6000000000000001.
  const processes = [0.1, 0.2, 0.3].map((seconds) => {
    const metrics = createMetrics();
    metrics.observe('product_read_duration_seconds', read, seconds);
    return metrics;
  });
  const orders = [
    [0, 1, 2],
    [2, 1, 0],
    [1, 2, 0],
  ];
  for (const [first = 0, ...ending] of orders) {
    const merged = new MergedMetrics();
    const living = new Set(processes);
    let last = sumIn(await expose(merged, ...living));
    for (const index of [first, ...ending]) {
      const gone = processes[index];
      if (gone === undefined) throw new Error('There are three.');
      living.delete(gone);
      merged.keep(await gone.snapshot());
      const sum = sumIn(await expose(merged, ...living));
      expect(sum).toBeGreaterThanOrEqual(last);
      expect(sum).toBeCloseTo(0.6, 10);
      last = sum;
    }
  }
});

test('gauges are added up, or the one that matters is told, as each is defined', async () => {
  const text = await expose(
    new MergedMetrics(),
    withGauges({ inFlight: 5, connected: 1, leaseSeconds: 0.9 }),
    withGauges({ inFlight: 1, connected: 0, leaseSeconds: 0.4 }),
  );
  expect(text).toContain('\ntrpc_requests_in_flight 6\n');
  expect(text).toContain('\nredis_client_connected 0\n');
  expect(text).toContain('\ncache_trust_lease_remaining_seconds 0.4\n');
  expect(text).toContain('\napp_build_info{version="unknown",commit="unknown"} 1\n');
});

test('several processes expose what one does: the same families, in the same format, and no more series', async () => {
  const one = createMetrics();
  const text = await expose(new MergedMetrics(), createMetrics(), createMetrics());
  const { text: alone, contentType } = await one.expose();
  expect(familiesOf(text)).toEqual(familiesOf(alone));
  expect(new MergedMetrics().expose([await one.snapshot()])).toMatchObject({ contentType });
  expect(text).toMatch(/\n# EOF\n$/);
  expect(text).not.toContain('_total_total');
  expect(text).not.toContain(' Nan');
});

test('a process that was scraped by itself before is merged as any other', async () => {
  const metrics = createMetrics();
  metrics.count('http_rejected_total', { reason: 'auth' });
  await metrics.expose();
  expect(await expose(new MergedMetrics(), metrics)).toContain(
    '\nhttp_rejected_total{reason="auth"} 1\n',
  );
});

test('of the exemplars of one bucket the latest is told', async () => {
  const [early, late] = ['a'.repeat(32), 'b'.repeat(32)];
  const processes = [early, late].map((traceId) =>
    createMetrics({ currentSpan: () => ({ ...span, traceId }) }),
  );
  const snapshots = [];
  for (const metrics of processes) {
    metrics.observe('product_read_duration_seconds', read, 0.002);
    snapshots.push(await metrics.snapshot());
  }
  const { text } = new MergedMetrics().expose(snapshots.toReversed());
  expect(text).toContain(`trace_id="${late}"`);
  expect(text).not.toContain(early);
});

test('it is said how to merge every default gauge, and no other', async () => {
  const snapshot = await createMetrics().snapshot();
  const gauges = snapshot.filter(({ type, name }) => type === 'gauge' && isDefault(name));
  expect(gauges.map(({ name }) => name).toSorted()).toEqual(Object.keys(processMerges).toSorted());
});

test('the size of the last exposition is told', async () => {
  const merged = new MergedMetrics();
  expect(merged.lastScrape).toBeUndefined();
  const text = await expose(merged, createMetrics());
  expect(merged.lastScrape?.series).toBe(text.match(/^[a-z]/gm)?.length);
});

function isDefault(name: string): boolean {
  return /^(nodejs|process)_/.test(name) && !/utilization_ratio|size_limit/.test(name);
}

function withGauges({ inFlight = 0, connected = 1, leaseSeconds = 1 }) {
  return createMetrics({
    sources: {
      ...silentSources,
      trpc_requests_in_flight: reading(inFlight),
      redis_client_connected: reading(connected),
      cache_trust_lease_remaining_seconds: reading(leaseSeconds),
    },
  });
}

async function expose(merged: MergedMetrics, ...living: ReturnType<typeof createMetrics>[]) {
  return merged.expose(await Promise.all(living.map(async (one) => one.snapshot()))).text;
}

function familiesOf(text: string): string[] {
  return (text.match(/^# (TYPE|HELP) .*$/gm) ?? []).toSorted();
}

function reading(value: number) {
  return () => [{ labels: {}, value }];
}

function sumIn(text: string): number {
  return Number(/^product_read_duration_seconds_sum\{.*\} (.*)$/m.exec(text)?.[1]);
}
