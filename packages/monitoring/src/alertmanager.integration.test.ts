import { AlertmanagerServer, amtool } from '@throughline/local-stack';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import path from 'node:path';
import { expect, test } from 'vitest';
import { alertmanagerConfig } from './alertmanager-config.ts';
import { allRules, isAlert } from './rule-groups.ts';
import { labelsOf } from './rules-yaml.ts';
import { defaultSettings } from './settings.ts';
import { root } from './testing/runbooks.ts';

const waiting = { timeout: 20_000, interval: 50 };

test('amtool finds nothing wrong with the configuration', async () => {
  const checked = await amtool('check-config', path.join(root, 'prometheus/alertmanager.yml'));
  expect(checked).toContain('SUCCESS');
});

test('what is critical is urgent, a warning is a ticket, and the watchdog has a way of its own', async () => {
  await using bed = await start();
  await bed.send([
    labelsFor('PostgresDown', 'critical'),
    labelsFor('DbDeadlocks', 'warning'),
    labelsFor('CacheHotKey', 'info'),
    labelsFor('Watchdog', 'info'),
  ]);
  await expect
    .poll(() => bed.received(), waiting)
    .toEqual([
      'info CacheHotKey',
      'ticket DbDeadlocks',
      'urgent PostgresDown',
      'watchdog Watchdog',
    ]);
});

test('the urgent alert of an objective keeps its ticket quiet, and no other ticket', async () => {
  await using bed = await start();
  await bed.send([
    labelsFor('AvailabilityBudgetBurn', 'critical'),
    labelsFor('AvailabilityBudgetBurn', 'warning'),
    labelsFor('ReadLatencyBudgetBurn', 'warning'),
  ]);
  await expect.poll(() => bed.suppressed(), waiting).toEqual(['AvailabilityBudgetBurn warning']);
  await expect
    .poll(() => bed.received(), waiting)
    .toEqual(['ticket ReadLatencyBudgetBurn', 'urgent AvailabilityBudgetBurn']);
});

test('while Redis is down, the cache says nothing but what wakes somebody', async () => {
  await using bed = await start();
  await bed.send([
    labelsFor('RedisDown', 'critical'),
    labelsFor('CacheBypassed', 'warning'),
    labelsFor('CacheHotKey', 'info'),
    labelsFor('CacheFailureRateHigh', 'critical'),
    labelsFor('DbPoolSaturated', 'warning'),
  ]);
  await expect
    .poll(() => bed.suppressed(), waiting)
    .toEqual(['CacheBypassed warning', 'CacheHotKey info']);
  await expect
    .poll(() => bed.received(), waiting)
    .toEqual(['ticket DbPoolSaturated', 'urgent CacheFailureRateHigh', 'urgent RedisDown']);
});

test('writes that are refused are not told again as failed, or as waiting for PostgreSQL', async () => {
  await using bed = await start();
  await bed.send([
    labelsFor('CacheWritesRejected', 'critical'),
    labelsFor('CacheFailureRateHigh', 'critical'),
    labelsFor('DbPoolSaturated', 'warning'),
    labelsFor('AvailabilityBudgetBurn', 'critical'),
  ]);
  await expect
    .poll(() => bed.suppressed(), waiting)
    .toEqual(['CacheFailureRateHigh critical', 'DbPoolSaturated warning']);
  await expect
    .poll(() => bed.received(), waiting)
    .toEqual(['urgent AvailabilityBudgetBurn', 'urgent CacheWritesRejected']);
});

test('a wrong entry is told once, not again by the budget that it spends', async () => {
  await using bed = await start();
  await bed.send([
    labelsFor('CacheStaleReadDetected', 'critical'),
    labelsFor('ConsistencyBudgetBurn', 'critical'),
    labelsFor('CacheAuditStalled', 'warning'),
  ]);
  await expect.poll(() => bed.suppressed(), waiting).toEqual(['ConsistencyBudgetBurn critical']);
  await expect
    .poll(() => bed.received(), waiting)
    .toEqual(['ticket CacheAuditStalled', 'urgent CacheStaleReadDetected']);
});

test('a service that cannot be scraped is not told to be unmeasured as well', async () => {
  await using bed = await start();
  await bed.send([
    labelsFor('TargetDown', 'critical'),
    labelsFor('TargetDown', 'warning'),
    labelsFor('AvailabilityUnmeasured', 'warning'),
    labelsFor('EventLoopSaturated', 'warning'),
  ]);
  await expect
    .poll(() => bed.suppressed(), waiting)
    .toEqual(['AvailabilityUnmeasured warning', 'TargetDown warning']);
  await expect
    .poll(() => bed.received(), waiting)
    .toEqual(['ticket EventLoopSaturated', 'urgent TargetDown']);
});

interface Alert {
  readonly labels: { readonly alertname: string; readonly severity: string };
}

/** The labels that an alert of the service has when it fires. */
function labelsFor(alert: string, severity: string): Readonly<Record<string, string>> {
  const rule = allRules()
    .filter(isAlert)
    .find((one) => one.alert === alert && one.severity === severity);
  if (!rule) throw new Error(`No rule makes ${alert} ${severity}.`);
  return { alertname: alert, job: 'throughline', instance: 'server:9464', ...labelsOf(rule) };
}

/** An Alertmanager with the committed routes, quicker, and a webhook behind it. */
async function start() {
  await using started = new AsyncDisposableStack();
  const received: string[] = [];
  const receive = async (req: IncomingMessage, res: ServerResponse) => {
    const { alerts }: { alerts: readonly Alert[] } = JSON.parse(await text(req));
    const receiver = (req.url ?? '').slice(1);
    received.push(...alerts.map(({ labels }) => `${receiver} ${labels.alertname}`));
    res.end();
  };
  const webhook = createServer((req, res) => void receive(req, res));
  webhook.listen(0, '127.0.0.1');
  await once(webhook, 'listening');
  started.defer(() => void webhook.close());
  const address = webhook.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const webhookUrl = `http://127.0.0.1:${String(port)}/`;
  const config = alertmanagerConfig({ ...defaultSettings, durationScale: 1 / 30, webhookUrl });
  const alertmanager = started.use(await AlertmanagerServer.start({ config }));
  const opened = started.move();
  return {
    /** what arrived at which receiver; Alertmanager repeats itself */
    received: () => [...new Set(received)].sort(),
    async send(alerts: readonly Readonly<Record<string, string>>[]) {
      const response = await fetch(`${alertmanager.url}/api/v2/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(alerts.map((labels) => ({ labels }))),
      });
      expect(response.status).toBe(200);
    },
    async suppressed(): Promise<string[]> {
      const response = await fetch(`${alertmanager.url}/api/v2/alerts?active=false`);
      const alerts: readonly Alert[] = JSON.parse(await response.text());
      return alerts.map(({ labels }) => `${labels.alertname} ${labels.severity}`).sort();
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
