import {
  AlertmanagerServer,
  PostgresExporter,
  PrometheusServer,
  RedisExporter,
} from '@throughline/local-stack';
import { localStack, startTestRedis } from '@throughline/local-stack/testing';
import { createMetrics } from '@throughline/telemetry';
import { expect, test } from 'vitest';
import { dashboards } from './dashboards/dashboards.ts';
import { generatedFiles } from './generated-files.ts';
import { postgresQueries } from './postgres-queries.ts';
import { allRules, isAlert } from './rule-groups.ts';
import { defaultSettings } from './settings.ts';
import { queriesOf, readDashboard } from './testing/dashboard-json.ts';
import { recordedMetric, serviceMetric } from './testing/known-metrics.ts';
import { readQueries } from './testing/runbooks.ts';
import { readExpression } from './testing/promql.ts';

/** Names of exporters newer than Debian's. Rules that use one of these use the older name beside it. */
const newerNames = new Set(['pg_replication_lag_seconds']);

/** Made by Prometheus itself, and what has no name: all series of a job. */
const madeByPrometheus = new Set(['up', 'scrape_duration_seconds', 'ALERTS', '']);

/** Prometheus gives them to whatever it scrapes. */
const targetLabels = new Set(['job', 'instance']);

test('every metric of others that a rule, a runbook or a dashboard asks for is exposed by them, with its labels', async () => {
  const exposed = await expose();
  const alerts = allRules().filter(isAlert);
  const queries = await Promise.all(alerts.map(({ alert }) => readQueries(alert)));
  const shown = await Promise.all(
    dashboards.map(async ({ key }) => queriesOf(await readDashboard(key))),
  );
  const expressions = [...allRules().map(({ expr }) => expr), ...queries.flat(), ...shown.flat()];
  const used = expressions.flatMap((expr) => readExpression(expr).selectors);
  const foreign = used.filter(({ metric }) => !serviceMetric(metric) && !recordedMetric(metric));
  expect(foreign.length).toBeGreaterThan(10);

  const missing = foreign.filter(({ metric, matchers }) => {
    if (newerNames.has(metric) || madeByPrometheus.has(metric)) return false;
    const labels = exposed.get(metric);
    return !labels || !matchers.every(({ label }) => targetLabels.has(label) || labels.has(label));
  });
  expect(missing).toEqual([]);
});

/** The names and labels of everything that exporters, Prometheus, Alertmanager and a process expose. */
async function expose(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const { redisUrl, databaseUrl } = localStack();
  await using started = new AsyncDisposableStack();
  const primary = new URL(redisUrl);
  const replica = started.use(
    await startTestRedis({ arguments: ['--replicaof', primary.hostname, primary.port] }),
  );
  const alertmanager = started.use(
    await AlertmanagerServer.start({
      config: generatedFiles(defaultSettings)['alertmanager.yml'] ?? '',
    }),
  );
  const settings = { ...defaultSettings, durationScale: 1 / 60 };
  const targets = { ...settings.targets, alertmanager: [`127.0.0.1:${String(alertmanager.port)}`] };
  const files = generatedFiles({ ...settings, targets });
  const prometheus = started.use(
    await PrometheusServer.start({ config: files['prometheus.yml'] ?? '', files }),
  );
  const servers = [
    started.use(await RedisExporter.start({ redisUrl })),
    started.use(await RedisExporter.start({ redisUrl: replica.url })),
    started.use(await PostgresExporter.start({ databaseUrl, queries: postgresQueries() })),
    prometheus,
    alertmanager,
  ];
  // It knows an Alertmanager only after a moment, and before that does not count what it sends there.
  const waiting = { timeout: 20_000, interval: 100 };
  await expect
    .poll(() => textOf(prometheus), waiting)
    .toContain('prometheus_notifications_sent_total{');
  const texts = await Promise.all([...servers.map(textOf), ownText()]);
  return readNames(texts.join('\n'));
}

async function textOf(server: { readonly url: string }): Promise<string> {
  return (await fetch(`${server.url}/metrics`)).text();
}

async function ownText(): Promise<string> {
  return (await createMetrics().expose()).text;
}

function readNames(text: string): ReadonlyMap<string, ReadonlySet<string>> {
  const names = new Map<string, Set<string>>();
  // A histogram without an observation yet, as of a garbage collection, has a type and no samples.
  for (const [, name = ''] of text.matchAll(/^# TYPE (\S+) histogram$/gm)) {
    for (const suffix of ['bucket', 'count', 'sum']) names.set(`${name}_${suffix}`, new Set());
  }
  for (const [, name = '', labels = ''] of text.matchAll(/^([a-z]\w*)(?:\{([^}]*)\})? /gm)) {
    const known = names.get(name) ?? new Set();
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) known.add(label);
    names.set(name, known);
  }
  return names;
}
