import { seriesBudget } from '@throughline/telemetry/metric-table';
import type { DashboardSpec, PanelSpec } from './dashboard-spec.ts';
import { quantile, rate, series, sumRate } from './query.ts';

export const runtimeDashboard: DashboardSpec = {
  key: 'runtime',
  title: 'Throughline / Runtime and telemetry',
  question: 'Have our processes time and memory left, and can what we see be believed?',
  rows: [
    { title: 'Processes', panels: [...processes(), ...workers()] },
    { title: 'Telemetry', panels: telemetry() },
    { title: 'The way of alerts', panels: alerting() },
  ],
};

function processes(): PanelSpec[] {
  return [
    {
      title: 'Event loop utilisation',
      description: 'Share of the time in which the loop was busy. Near 1, every request waits.',
      unit: 'percentunit',
      queries: [{ expr: series('nodejs_eventloop_utilization_ratio'), legend: '{{instance}}' }],
      alerts: ['EventLoopSaturated'],
    },
    {
      title: 'Event loop lag p99',
      description: 'How late the loop was; a step of it is something that blocks.',
      unit: 's',
      queries: [{ expr: series('nodejs_eventloop_lag_p99_seconds'), legend: '{{instance}}' }],
    },
    {
      title: 'Garbage collection p99',
      description: 'How long a collection stops the process, by kind.',
      unit: 's',
      queries: [{ expr: quantile(0.99, 'nodejs_gc_duration_seconds', 'kind'), legend: '{{kind}}' }],
    },
    {
      title: 'Time spent in garbage collection',
      description: 'Share of one core. More than a tenth is a heap that is too small.',
      unit: 'percentunit',
      queries: [
        { expr: sumRate('nodejs_gc_duration_seconds_sum', 'instance'), legend: '{{instance}}' },
      ],
    },
    {
      title: 'Heap',
      description: 'Used, and where V8 ends the process.',
      unit: 'bytes',
      queries: [
        { expr: series('nodejs_heap_size_used_bytes'), legend: 'used {{instance}}' },
        { expr: series('nodejs_heap_size_limit_bytes'), legend: 'limit {{instance}}' },
      ],
      alerts: ['HeapNearLimit'],
    },
    {
      title: 'CPU',
      description: 'Cores used, of the exporters and Prometheus too.',
      unit: 'short',
      queries: [{ expr: rate('process_cpu_seconds_total'), legend: '{{job}} {{instance}}' }],
    },
  ];
}

function workers(): PanelSpec[] {
  return [
    {
      title: 'Workers that died',
      description:
        'Within a quarter of an hour. Each is replaced; more than two are a cause that stays.',
      unit: 'short',
      queries: [
        {
          expr: `sum by (instance) (increase(${series('service_worker_ends_total', 'reason="died"')}[15m]))`,
          legend: '{{instance}}',
        },
      ],
      alerts: ['WorkersDying'],
    },
    {
      title: 'Connections closed for want of a worker',
      description:
        'Per second, by the supervisor of several workers: too many waited already (full), or none took it in time (late). Both are 0 while a worker lives.',
      unit: 'ops',
      queries: [
        {
          expr: sumRate('service_connections_total', 'outcome', 'outcome!="dealt"'),
          legend: '{{outcome}}',
        },
      ],
    },
  ];
}

function telemetry(): PanelSpec[] {
  return [
    {
      title: 'Spans',
      description: 'Per second, by what became of them. Where they are dropped, traces have holes.',
      unit: 'ops',
      queries: [{ expr: sumRate('telemetry_spans_total', 'outcome'), legend: '{{outcome}}' }],
      alerts: ['SpansDropped'],
    },
    {
      title: 'Series',
      description: `In the previous scrape of each process. ${String(seriesBudget)} are the budget.`,
      unit: 'short',
      queries: [{ expr: series('telemetry_series'), legend: '{{instance}}' }],
      thresholds: [{ from: seriesBudget, color: 'red' }],
      alerts: ['CardinalityOverflow'],
    },
    {
      title: 'Scrape time',
      description:
        'As Prometheus measures it, and what of it the process needed, in which it answers nobody.',
      unit: 's',
      queries: [
        { expr: series('scrape_duration_seconds'), legend: '{{job}} {{instance}}' },
        { expr: series('telemetry_scrape_duration_seconds'), legend: 'in {{instance}}' },
      ],
      alerts: ['SlowScrape'],
    },
  ];
}

function alerting(): PanelSpec[] {
  return [
    {
      title: 'Rules that fail',
      description: 'Evaluations per second that Prometheus could not do.',
      unit: 'ops',
      queries: [
        {
          expr: sumRate('prometheus_rule_evaluation_failures_total', 'instance'),
          legend: '{{instance}}',
        },
      ],
      alerts: ['RuleEvaluationFailing'],
    },
    {
      title: 'Notifications that fail',
      description: 'Per second: from Prometheus to Alertmanager, and from there to a receiver.',
      unit: 'ops',
      queries: [
        {
          expr: sumRate('prometheus_notifications_errors_total', 'instance'),
          legend: 'to Alertmanager',
        },
        {
          expr: sumRate('alertmanager_notifications_failed_total', 'integration'),
          legend: 'to {{integration}}',
        },
      ],
      alerts: ['NotificationsFailing'],
    },
    {
      title: 'Watchdog: alerts that Alertmanager holds',
      description:
        'One alert always fires, so 0 means that none would arrive. Nothing at all: Alertmanager is not scraped.',
      unit: 'short',
      kind: 'stat',
      queries: [
        {
          expr: `sum by (instance) (${series('alertmanager_alerts', 'state="active"')})`,
          legend: '{{instance}}',
        },
      ],
      alerts: ['Watchdog'],
    },
  ];
}
