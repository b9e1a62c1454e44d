import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exemplarOf } from './exemplar.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';

test('a sampled span is named by its trace and by itself', () => {
  const labels = exemplarOf({ traceId, spanId, sampled: true });
  expect(labels).toEqual({ trace_id: traceId, span_id: spanId });
});

test('without a span, or with one whose trace is not kept, nothing is named', () => {
  expect(exemplarOf(undefined)).toBeUndefined();
  expect(exemplarOf({ traceId, spanId, sampled: false })).toBeUndefined();
});

test('whatever calls itself a span, its labels are within what the format allows', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.boolean(), (anyTraceId, anySpanId, sampled) => {
      const labels = exemplarOf({ traceId: anyTraceId, spanId: anySpanId, sampled });
      expect(
        Object.entries(labels ?? {})
          .flat()
          .join('').length,
      ).toBeLessThanOrEqual(128);
    }),
  );
  expect(exemplarOf({ traceId: traceId.repeat(4), spanId, sampled: true })).toBeUndefined();
  expect(exemplarOf({ traceId, spanId: `${spanId}"}`, sampled: true })).toBeUndefined();
});
