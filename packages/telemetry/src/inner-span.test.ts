import { context, type Span, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { expect, test } from 'vitest';
import { InnerSpan, type ParentSpan } from './inner-span.ts';

const other = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };

test('it is exported as one that the SDK makes beneath the same parent', () => {
  const { parent, tracer, exported } = open();
  const theirs = tracer.startSpan('work', { attributes: { kind: 'read' } }, within(parent));
  const { span, ended } = start(parent, { kind: 'read' });
  theirs.setAttributes({ entries: 2, hit: true });
  span.set({ entries: 2, hit: true });
  theirs.addLink({ context: { ...other, traceFlags: TraceFlags.SAMPLED } });
  span.link({ ...other, sampled: true });
  theirs.setAttribute('error.type', 'E1').setStatus({ code: SpanStatusCode.ERROR });
  span.fail('E1');
  theirs.end();
  span.end();
  expect(ended.map(shown)).toEqual(exported().map(shown));
  expect(span.reference).toMatchObject({ traceId: parent.spanContext().traceId, sampled: true });
});

test('it begins now, and lasts until its end', () => {
  const { parent } = open();
  const beforeMs = Date.now();
  const { span } = start(parent, {});
  span.end();
  const [startMs, endMs] = [toMs(span.startTime), toMs(span.endTime)];
  expect(startMs).toBeGreaterThanOrEqual(beforeMs);
  expect(startMs).toBeLessThanOrEqual(Date.now());
  expect(endMs - startMs).toBeCloseTo(toMs(span.duration), 3);
  expect(toMs(span.duration)).toBeGreaterThan(0);
});

test('what is done to it after its end is ignored, and it ends once', () => {
  const { parent } = open();
  const { span, ended } = start(parent, { kind: 'read' });
  span.end();
  span.set({ late: true });
  span.setAttribute('late', true).setAttributes({ late: true });
  span.link({ ...other, sampled: true });
  span.fail('late');
  span.end();
  expect(ended).toHaveLength(1);
  expect(span.isRecording()).toBe(false);
  expect(ended.map(shown)).toEqual([
    expect.objectContaining({
      attributes: { kind: 'read' },
      links: [],
      status: { code: SpanStatusCode.UNSET },
    }),
  ]);
});

test('it takes no message, of an error or of an event', () => {
  const { parent } = open();
  const { span, ended } = start(parent, {});
  const secret = new Error('Key (sku)=(secret)');
  const asAny: Span = span;
  asAny.recordException(secret);
  asAny.addEvent('failed', { message: secret.message });
  asAny.setStatus({ code: SpanStatusCode.ERROR, message: secret.message });
  span.end();
  expect(JSON.stringify(ended.map(shown))).not.toContain('secret');
  expect(ended[0]?.status).toEqual({ code: SpanStatusCode.ERROR });
});

function open() {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const tracer = provider.getTracer('test');
  const parent = tracer.startSpan('request');
  if (!isParent(parent)) throw new Error('The SDK did not record a span.');
  return { parent, tracer, exported: () => exporter.getFinishedSpans() };
}

function isParent(span: Span): span is Span & ParentSpan {
  return 'resource' in span && 'instrumentationScope' in span;
}

function within(parent: Span) {
  return trace.setSpan(context.active(), parent);
}

function start(parent: ParentSpan, attributes: Record<string, string>) {
  const ended: ReadableSpan[] = [];
  const onEnd = (span: ReadableSpan) => void ended.push(span);
  return { span: new InnerSpan({ name: 'work', attributes, parent, onEnd }), ended };
}

/** All that is exported of a span, but what differs from one to the next. */
function shown(span: ReadableSpan) {
  const { traceId, traceFlags, spanId } = span.spanContext();
  return {
    name: span.name,
    kind: span.kind,
    status: span.status,
    attributes: span.attributes,
    events: span.events,
    ended: span.ended,
    parentSpanContext: span.parentSpanContext,
    resource: span.resource,
    instrumentationScope: span.instrumentationScope,
    context: { traceId, traceFlags, idLength: spanId.length },
    links: span.links.map((link) => link.context),
    dropped: [span.droppedAttributesCount, span.droppedEventsCount, span.droppedLinksCount],
  };
}

function toMs([seconds, nanos]: readonly [number, number]): number {
  return seconds * 1_000 + nanos / 1e6;
}
