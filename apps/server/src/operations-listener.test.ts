import { createLogger, createMetrics } from '@throughline/telemetry';
import { beforeEach, expect, test } from 'vitest';
import { openHttpEndpoint } from './http-endpoint.ts';
import { createOperationsListener } from './operations-listener.ts';
import { Readiness } from './readiness.ts';

let url: string;
let readiness: Readiness;
const log: string[] = [];
const logger = createLogger({
  level: 'info',
  destination: { write: (line) => void log.push(line) },
});
const metrics = createMetrics();
let expose: typeof metrics.expose;

beforeEach(async () => {
  log.length = 0;
  readiness = new Readiness();
  expose = () => metrics.expose();
  const listener = createOperationsListener({
    metrics: { expose: () => expose() },
    readiness,
    logger,
  });
  const endpoint = await openHttpEndpoint({ listener, host: '127.0.0.1', port: 0 });
  ({ url } = endpoint);
  return () => endpoint[Symbol.asyncDispose]();
});

test('the process is live from the beginning, and ready when it serves', async () => {
  expect(await answerOf('/health/live')).toEqual([200, { status: 'live' }]);
  expect(await answerOf('/health/ready')).toEqual([
    503,
    { status: 'not ready', reason: 'starting' },
  ]);
  readiness.serve(() => Promise.resolve());
  expect(await answerOf('/health/ready')).toEqual([200, { status: 'ready' }]);
  readiness.stop();
  expect(await answerOf('/health/ready')).toEqual([
    503,
    { status: 'not ready', reason: 'stopping' },
  ]);
  expect(await answerOf('/health/live')).toEqual([200, { status: 'live' }]);
});

test('metrics are exposed in the format of Prometheus', async () => {
  const response = await fetch(`${url}/metrics`);
  expect(response.headers.get('content-type')).toMatch(
    /^application\/openmetrics-text; version=1\.0\.0/,
  );
  expect(await response.text()).toContain('# TYPE product_read_duration_seconds histogram');
});

test('a scrape that fails is answered and logged', async () => {
  expose = () => Promise.reject(new Error('secret'));
  const [status, body] = await answerOf('/metrics');
  expect(status).toBe(500);
  expect(JSON.stringify(body)).not.toContain('secret');
  expect(log.join('')).toContain('secret');
});

test('anything else is not found, and nothing can be changed', async () => {
  expect((await fetch(`${url}/trpc/product.popular`)).status).toBe(404);
  expect((await fetch(`${url}/toString`)).status).toBe(404);
  expect((await fetch(`${url}/metrics`, { method: 'POST' })).status).toBe(405);
});

async function answerOf(path: string): Promise<[number, unknown]> {
  const response = await fetch(url + path);
  return [response.status, await response.json()];
}
