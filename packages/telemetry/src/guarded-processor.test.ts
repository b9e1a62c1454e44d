import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { describe, expect, it } from 'vitest';
import { GuardedSpanProcessor } from './guarded-processor.ts';

describe('spans that leave the process', () => {
  it('tell the type of an error and no message', () => {
    const { tracer, exporter } = open();
    const span = tracer.startSpan('work');
    span.recordException(Object.assign(new Error('Key (sku)=(secret)'), { code: '23505' }));
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'value "secret" is too long' });
    span.end();
    const [sent] = exporter.getFinishedSpans();
    expect(sent?.status).toEqual({ code: SpanStatusCode.ERROR });
    expect(sent?.attributes).toEqual({ 'error.type': '23505' });
    expect(sent?.events.map(({ attributes }) => attributes)).toEqual([
      { 'exception.type': '23505' },
    ]);
  });

  it('are none that a client of a store made by itself', () => {
    const { tracer, exporter } = open();
    const connect = tracer.startSpan('redis-connect', { kind: SpanKind.CLIENT });
    const beneath = trace.setSpan(ROOT_CONTEXT, connect);
    tracer.startSpan('redis-PING', { kind: SpanKind.CLIENT }, beneath).end();
    connect.end();
    tracer.startSpan('redis-INFO', { kind: SpanKind.CLIENT }, beneath).end();
    tracer.startSpan('pg.query:SELECT', { kind: SpanKind.CLIENT }).end();
    const request = tracer.startSpan('request', { kind: SpanKind.SERVER });
    const within = trace.setSpan(ROOT_CONTEXT, request);
    tracer.startSpan('redis-MGET', { kind: SpanKind.CLIENT }, within).end();
    request.end();
    expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(['redis-MGET', 'request']);
  });
});

function open() {
  const exporter = new InMemorySpanExporter();
  const processor = new GuardedSpanProcessor(new SimpleSpanProcessor({ exporter }));
  const provider = new TracerProvider({ spanProcessors: [processor] });
  return { exporter, tracer: provider.getTracer('test') };
}
