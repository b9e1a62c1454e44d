import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { AlertmanagerServer } from './alertmanager-server.ts';
import { isPortFree } from './free-port.ts';
import { amtool, promtool } from './monitoring-tools.ts';
import { PostgresExporter } from './postgres-exporter.ts';
import { PrometheusServer } from './prometheus-server.ts';
import { RedisExporter } from './redis-exporter.ts';
import { ServerStartError } from './server-process.ts';
import { localStack } from './testing/provided-stack.ts';
import { spawnNode } from './testing/spawned-node.ts';
import { startTestRedis } from './testing/test-servers.ts';

const require = createRequire(import.meta.url);
const waiting = { timeout: 20_000, interval: 50 };

test('an exporter tells of the Redis it was given, and that it is down after it was stopped', async () => {
  await using redis = await startTestRedis();
  await using exporter = await RedisExporter.start({ redisUrl: redis.url });
  expect(await metricsOf(exporter)).toMatch(/^redis_up 1$/m);
  await redis.stop();
  expect(await metricsOf(exporter)).toMatch(/^redis_up 0$/m);
});

test('an exporter tells of the PostgreSQL it was given', async () => {
  await using exporter = await PostgresExporter.start({ databaseUrl: localStack().databaseUrl });
  expect(await metricsOf(exporter)).toMatch(/^pg_up 1$/m);
});

test('a Prometheus scrapes what its configuration names, and keeps that over a restart', async () => {
  await using exporter = await RedisExporter.start({ redisUrl: localStack().redisUrl });
  const target = `127.0.0.1:${String(exporter.port)}`;
  await using prometheus = await PrometheusServer.start({
    config: JSON.stringify({
      global: { scrape_interval: '100ms', scrape_timeout: '100ms' },
      rule_files: ['rules/*.yml'],
      scrape_configs: [{ job_name: 'redis', static_configs: [{ targets: [target] }] }],
    }),
    files: { 'rules/one.yml': JSON.stringify({ groups: [] }) },
  });
  await expect.poll(() => query(prometheus, 'redis_up'), waiting).toMatchObject(one);

  await exporter.stop();
  await prometheus.restart();
  expect(await query(prometheus, 'max_over_time(redis_up[1h])')).toMatchObject(one);
});

test('a Prometheus shows its own page', async () => {
  await using prometheus = await PrometheusServer.start({ config: '{}' });
  const page = await fetch(prometheus.url);
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('Prometheus');
  await prometheus.reload();
});

test('an Alertmanager takes alerts', async () => {
  await using alertmanager = await AlertmanagerServer.start({
    config: JSON.stringify({ route: { receiver: 'none' }, receivers: [{ name: 'none' }] }),
  });
  const posted = await fetch(`${alertmanager.url}/api/v2/alerts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([{ labels: { alertname: 'Test' } }]),
  });
  expect(posted.status).toBe(200);
  const alerts: unknown = await (await fetch(`${alertmanager.url}/api/v2/alerts`)).json();
  expect(alerts).toMatchObject([{ labels: { alertname: 'Test' } }]);
});

test('a server whose configuration is wrong says what it printed', async () => {
  const start = PrometheusServer.start({ config: 'no_such_setting: 1' });
  await expect(start).rejects.toBeInstanceOf(ServerStartError);
  await expect(start).rejects.toThrow('no_such_setting');
});

test('a run killed by SIGKILL leaves no Prometheus behind', async () => {
  await using program = spawnNode(require.resolve('./testing/fixtures/hold-prometheus.ts'));
  const [, port = ''] = await program.waitForLine(/^ready (\d+)$/);
  expect(await isPortFree(Number(port))).toBe(false);
  program.kill('SIGKILL');
  await expect.poll(() => isPortFree(Number(port)), waiting).toBe(true);
});

test('promtool and amtool run, and throw with their complaint', async () => {
  expect(await promtool('--version')).toMatch(/^promtool, version \d/);
  expect(await amtool('--version')).toMatch(/^amtool, version/);
  await expect(promtool('check', 'rules', '/no/such/file')).rejects.toThrow('/no/such/file');
});

async function metricsOf(exporter: { readonly url: string }): Promise<string> {
  return (await fetch(`${exporter.url}/metrics`)).text();
}

/** What a query answers with when it finds one sample of the value 1. */
const one = { data: { result: [{ value: [expect.any(Number), '1'] }] } };

async function query(prometheus: PrometheusServer, expression: string): Promise<unknown> {
  const url = `${prometheus.url}/api/v1/query?query=${encodeURIComponent(expression)}`;
  return (await fetch(url)).json();
}
