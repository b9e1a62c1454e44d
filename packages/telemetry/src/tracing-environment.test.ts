import { expect, it } from 'vitest';
import { asksForSpans } from './tracing-environment.ts';

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

it.each([
  [false, {}],
  [false, { OTEL_SERVICE_NAME: 'shop', OTEL_TRACES_SAMPLER: 'always_on' }],
  [true, endpoint],
  [true, { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector:4318/v1/traces' }],
  [false, { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://collector:4318/v1/metrics' }],
  [false, { OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }],
  [true, { OTEL_TRACES_EXPORTER: 'otlp' }],
  [true, { OTEL_TRACES_EXPORTER: 'console' }],
  [false, { ...endpoint, OTEL_TRACES_EXPORTER: 'none' }],
  [false, { ...endpoint, OTEL_SDK_DISABLED: 'TRUE' }],
  [true, { ...endpoint, OTEL_SDK_DISABLED: 'false' }],
])('says %j of %j', (asked, environment) => {
  expect(asksForSpans(environment)).toBe(asked);
});
