import { seriesBudget } from '@throughline/telemetry/metric-table';
import type { Durations } from './durations.ts';
import type { AlertingRule, RuleGroup } from './rule.ts';
import { type Job, serviceJob } from './settings.ts';

const service = { component: 'service', dashboard: 'service' } as const;
const runtime = { component: 'service', dashboard: 'runtime' } as const;
const telemetry = { component: 'telemetry', dashboard: 'runtime' } as const;

/** Alerts about the processes of the service and about what watches them. */
export function serviceAlertGroup(durations: Durations): RuleGroup {
  return {
    name: 'service-alerts',
    rules: [
      ...processAlerts(durations),
      ...endingAlerts(durations),
      ...telemetryAlerts(durations),
      ...alertingAlerts(durations),
    ],
  };
}

function processAlerts(durations: Durations): AlertingRule[] {
  const five = durations.text('5m');
  const up = `up{job="${serviceJob}"}`;
  return [
    {
      alert: 'TargetDown',
      severity: 'warning',
      for: '2m',
      expr: 'up == 0',
      summary: 'A process cannot be scraped.',
      description:
        '{{ $labels.instance }} of the job {{ $labels.job }} does not answer Prometheus.',
      ...service,
    },
    {
      alert: 'TargetDown',
      severity: 'critical',
      for: '1m',
      expr: `(max by (job) (${up}) or 0 * absent(${up})) == 0`,
      summary: 'No process of the service can be scraped.',
      description: 'None of the processes of the job {{ $labels.job }} answers Prometheus.',
      ...service,
    },
    {
      alert: 'EventLoopSaturated',
      severity: 'warning',
      for: '5m',
      expr: 'nodejs_eventloop_utilization_ratio > 0.9',
      summary: 'A process has hardly any time left.',
      description:
        'The event loop of {{ $labels.instance }} is busy {{ $value | humanizePercentage }} of the time, so every request waits for it.',
      ...runtime,
    },
    {
      alert: 'LoadShed',
      severity: 'warning',
      for: '2m',
      expr: `sum by (job, instance) (rate(http_rejected_total{reason=~"overload|connections"}[${five}])) > 1`,
      summary: 'A process refuses requests because it has too much to do.',
      description:
        '{{ $labels.instance }} refuses {{ $value | humanize }} requests a second unread; no objective counts them.',
      ...service,
    },
  ];
}

/** Alerts about processes that end when nobody told them to, or are about to. */
function endingAlerts(durations: Durations): AlertingRule[] {
  return [
    {
      alert: 'HeapNearLimit',
      severity: 'warning',
      for: '5m',
      expr: 'nodejs_heap_size_used_bytes / nodejs_heap_size_limit_bytes > 0.9',
      summary: 'A process is about to run out of memory.',
      description:
        'The heap of {{ $labels.instance }} is {{ $value | humanizePercentage }} full; at its limit V8 ends the process.',
      ...runtime,
    },
    {
      // One death is the kernel's or somebody's doing, and mended by its replacement; three are a cause that stays.
      alert: 'WorkersDying',
      severity: 'warning',
      expr: `sum by (job, instance) (increase(service_worker_ends_total{reason="died"}[${durations.text('15m')}])) > 2`,
      summary: 'Workers keep dying.',
      description:
        'About {{ printf "%.0f" $value }} workers of {{ $labels.instance }} died within a quarter of an hour; the requests that they had failed.',
      ...runtime,
    },
  ];
}

function telemetryAlerts(durations: Durations): AlertingRule[] {
  const five = durations.text('5m');
  return [
    {
      alert: 'SpansDropped',
      severity: 'warning',
      for: '10m',
      expr: `rate(telemetry_spans_total{outcome="dropped"}[${five}]) > 0`,
      summary: 'Spans are lost.',
      description:
        '{{ $labels.instance }} drops {{ $value | humanize }} spans a second, so traces have holes.',
      ...telemetry,
    },
    {
      alert: 'SlowScrape',
      severity: 'warning',
      for: '10m',
      expr: `scrape_duration_seconds{job="${serviceJob}"} > 1`,
      summary: 'A scrape takes more than a second.',
      description:
        'Scraping {{ $labels.instance }} takes {{ $value | humanizeDuration }}, in which it answers no requests.',
      ...telemetry,
    },
    {
      alert: 'CardinalityOverflow',
      severity: 'warning',
      for: '10m',
      expr: `telemetry_series > ${String(seriesBudget)}`,
      summary: 'A process exposes too many series.',
      description: `{{ $labels.instance }} exposes {{ $value | humanize }} series; ${String(seriesBudget)} are what one scrape may take. A label must have got values that were not foreseen.`,
      ...telemetry,
    },
  ];
}

/** Alerts about the way of alerts. */
function alertingAlerts(durations: Durations): AlertingRule[] {
  const five = durations.text('5m');
  return [
    {
      alert: 'RuleEvaluationFailing',
      severity: 'critical',
      for: '5m',
      expr: `sum by (job, instance) (increase(prometheus_rule_evaluation_failures_total[${five}])) > 0`,
      summary: 'Prometheus cannot evaluate a rule.',
      description:
        '{{ $labels.instance }} failed {{ $value | humanize }} times to evaluate a rule; alerts may not fire.',
      ...telemetry,
    },
    {
      alert: 'NotificationsFailing',
      severity: 'critical',
      for: '5m',
      labels: { sender: 'prometheus' },
      expr: `sum by (job, instance) (rate(prometheus_notifications_errors_total[${five}])) / sum by (job, instance) (rate(prometheus_notifications_sent_total[${five}])) > 0.01`,
      summary: 'Alerts do not reach Alertmanager.',
      description:
        '{{ $value | humanizePercentage }} of the alerts that {{ $labels.instance }} sends fail.',
      ...telemetry,
    },
    {
      alert: 'NotificationsFailing',
      severity: 'critical',
      for: '5m',
      labels: { sender: 'alertmanager' },
      expr: `sum by (job, instance, integration) (rate(alertmanager_notifications_failed_total[${five}])) / sum by (job, instance, integration) (rate(alertmanager_notifications_total[${five}])) > 0.01`,
      summary: 'Notifications do not reach their receiver.',
      description:
        '{{ $value | humanizePercentage }} of the notifications by {{ $labels.integration }} of {{ $labels.instance }} fail.',
      ...telemetry,
    },
    {
      alert: 'Watchdog',
      severity: 'info',
      // It finds nothing that has a job, and without one no dashboard would show it.
      labels: { job: 'prometheus' satisfies Job },
      expr: 'vector(1)',
      summary: 'The way of alerts works, from Prometheus to the receiver.',
      description:
        'This alert always fires. Its receiver should raise the alarm when it stops coming.',
      ...telemetry,
    },
  ];
}
