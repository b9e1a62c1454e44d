import { expect, test } from 'vitest';
import { metricSum } from './metrics-page.ts';

const page = `# HELP process_cpu_seconds_total CPU
process_cpu_seconds_total{worker="1"} 1.5
process_cpu_seconds_total{worker="2"} 2.5
cache_requests_total{namespace="product",result="hit"} 90
cache_requests_total{namespace="category",result="hit"} 7 1700000000
cache_requests_total_other 1000
process_resident_memory_bytes 12
`;

test('the series of all workers are one figure', () => {
  expect(metricSum(page, 'process_cpu_seconds_total')).toBe(4);
});

test('labels choose among the series, and a series without labels counts too', () => {
  expect(metricSum(page, 'cache_requests_total', { namespace: 'product', result: 'hit' })).toBe(90);
  expect(metricSum(page, 'cache_requests_total', { result: 'hit' })).toBe(97);
  expect(metricSum(page, 'process_resident_memory_bytes')).toBe(12);
});

test('what is not there is nothing', () => {
  expect(metricSum(page, 'cache_requests_total', { result: 'miss' })).toBe(0);
});
