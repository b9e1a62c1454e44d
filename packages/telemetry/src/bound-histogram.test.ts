import fc from 'fast-check';
import { Histogram, type OpenMetricsContentType, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { BoundHistogram } from './bound-histogram.ts';

const labelNames = ['step', 'outcome'];
const buckets = [0.1, 0.5, 2];
const exemplar = { trace_id: '0af7651916cd43dd8448eb211c80319c', span_id: 'b7ad6b7169203331' };

test("it tells what the library's own histogram would, as text and as objects", async () => {
  const labels = fc.record({
    step: fc.constantFrom('get', 'fill'),
    outcome: fc.constantFrom('ok', 'a "quoted"\nline', 'back\\slash'),
  });
  const value = fc.oneof(
    fc.constantFrom(...buckets, 0),
    fc.double({ noNaN: true, min: 0, max: 9 }),
  );
  const observations = fc.array(fc.record({ labels, value }));
  await fc.assert(
    fc.asyncProperty(observations, async (observed) => {
      const [ours, theirs] = [newRegistry(), newRegistry()];
      const bound = new BoundHistogram({ ...described, registers: [ours] });
      const own = new Histogram({ ...described, registers: [theirs] });
      for (const { labels: under, value: seen } of observed) {
        bound.add(under, seen);
        own.observe(under, seen);
      }
      expect(await ours.metrics()).toBe(await theirs.metrics());
      expect(withoutGaps(await ours.getMetricsAsJSON())).toEqual(
        withoutGaps(await theirs.getMetricsAsJSON()),
      );
    }),
  );
});

test('a program is told the same numbers by one label, whatever the others are', async () => {
  const registry = newRegistry();
  const bound = new BoundHistogram({ ...described, registers: [registry] });
  expect(bound.distributionsBy('outcome')).toEqual(new Map());
  bound.add({ step: 'get', outcome: 'ok' }, 0.1);
  bound.add({ step: 'fill', outcome: 'ok' }, 0.25);
  bound.add({ step: 'fill', outcome: 'ok' }, 9);
  bound.add({ step: 'get', outcome: 'error' }, 1);
  expect(bound.distributionsBy('outcome')).toEqual(
    new Map([
      ['ok', distribution([1, 2, 2, 3], 9.35)],
      ['error', distribution([0, 0, 1, 1], 1)],
    ]),
  );
});

test('a bucket names the latest trace that was kept, and buckets without one name none', async () => {
  const registry = newRegistry();
  const bound = new BoundHistogram({
    name: 'wait_seconds',
    help: 'A wait.',
    buckets,
    enableExemplars: true,
    registers: [registry],
  });
  bound.add({}, 0.3, { ...exemplar, span_id: '0000000000000001' });
  bound.add({}, 0.4, exemplar);
  bound.add({}, 0.2);
  bound.add({}, 9, exemplar);
  const lines = (await registry.metrics()).split('\n').filter((line) => line.includes(' # '));
  const named = String.raw`# \{trace_id="${exemplar.trace_id}",span_id="${exemplar.span_id}"\}`;
  expect(lines).toEqual([
    expect.stringMatching(new RegExp(String.raw`le="0.5"\} 3 ${named} 0.4 \d+`)),
    expect.stringMatching(new RegExp(String.raw`le="\+Inf"\} 4 ${named} 9 \d+`)),
  ]);
});

test('without labels it begins at zero, with labels at the first observation', async () => {
  const registry = newRegistry();
  const bare = new BoundHistogram({ name: 'bare', help: 'Bare.', buckets, registers: [registry] });
  const labelled = new BoundHistogram({ ...described, registers: [registry] });
  const text = await registry.metrics();
  expect([bare.hasExemplars, labelled.hasExemplars]).toEqual([false, false]);
  expect(text).toContain('bare_count 0');
  expect(text).not.toContain('took_seconds_count');
});

test('a label that it does not have, and what is no number, are refused and not counted', async () => {
  const registry = newRegistry();
  const bound = new BoundHistogram({ ...described, registers: [registry] });
  expect(() => bound.add({ step: 'get', sku: 'A-1' }, 1)).toThrow(
    'took_seconds has no label "sku"',
  );
  expect(() => bound.add({ step: 'get', outcome: 'ok' }, Number.NaN)).toThrow(TypeError);
  expect(await registry.metrics()).not.toMatch(/took_seconds_count\S* [1-9]/);
});

const described = { name: 'took_seconds', help: 'How long it took.', labelNames, buckets };

function newRegistry(): Registry<OpenMetricsContentType> {
  const registry = new Registry<OpenMetricsContentType>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  return registry;
}

/** Without what is undefined or null. */
function withoutGaps(metrics: unknown): unknown {
  return JSON.parse(JSON.stringify(metrics), (_, value: unknown) => value ?? undefined);
}

function distribution(counts: readonly number[], sum: number) {
  const edges = [...buckets, Number.POSITIVE_INFINITY];
  return { buckets: edges.map((edge, at) => ({ edge, count: counts[at] })), sum };
}
