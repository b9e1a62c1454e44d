import { counter, gauge, instance, job, series, type Scenario } from './scenario.ts';

const minutes = 30;
const warning = { severity: 'warning' };
const critical = { severity: 'critical' };
const service = { job, instance };
const prometheus = { job: 'prometheus', instance: 'localhost:9090' };
const alertmanager = { job: 'alertmanager', instance: 'alertmanager:9093' };
const rule = { rule_group: 'slo.yml;slo-availability' };

const rejected = (reason: string) => series('http_rejected_total', { reason });
const workers = (reason: string) => series('service_worker_ends_total', { reason });

export const processScenarios: readonly Scenario[] = [
  {
    that: 'one of two processes is away',
    alert: 'TargetDown',
    series: {
      [series('up')]: gauge([minutes, 0]),
      [series('up', { instance: 'server-2:9464' })]: gauge([minutes, 1]),
    },
    at: '3m',
    fires: [
      {
        rule: warning,
        found: service,
        description: 'server:9464 of the job throughline does not answer Prometheus.',
      },
    ],
  },
  {
    that: 'the only process has been away for a minute',
    alert: 'TargetDown',
    series: { [series('up')]: gauge([minutes, 0]) },
    at: '1m',
    fires: [
      {
        rule: critical,
        found: { job },
        description: 'None of the processes of the job throughline answers Prometheus.',
      },
    ],
  },
  {
    that: 'no process is known at all',
    alert: 'TargetDown',
    series: { [series('up', prometheus)]: gauge([minutes, 1]) },
    at: '3m',
    fires: [
      {
        rule: critical,
        found: { job },
        description: 'None of the processes of the job throughline answers Prometheus.',
      },
    ],
  },
  {
    that: 'a process misses one scrape',
    alert: 'TargetDown',
    series: { [series('up')]: gauge([5, 1], [1, 0], [20, 1]) },
    at: '7m',
    fires: [],
  },
  {
    that: 'the event loop is busy all the time',
    alert: 'EventLoopSaturated',
    series: { [series('nodejs_eventloop_utilization_ratio')]: gauge([minutes, 0.97]) },
    at: '6m',
    fires: [
      {
        rule: warning,
        found: service,
        description:
          'The event loop of server:9464 is busy 97% of the time, so every request waits for it.',
      },
    ],
  },
  {
    that: 'the event loop is busy half of the time',
    alert: 'EventLoopSaturated',
    series: { [series('nodejs_eventloop_utilization_ratio')]: gauge([minutes, 0.5]) },
    at: '10m',
    fires: [],
  },
  {
    that: 'requests are refused for load, and connections too',
    alert: 'LoadShed',
    series: {
      [rejected('overload')]: counter([minutes, 180]),
      [rejected('connections')]: counter([minutes, 60]),
    },
    at: '8m',
    fires: [
      {
        rule: warning,
        found: service,
        description: 'server:9464 refuses 4 requests a second unread; no objective counts them.',
      },
    ],
  },
  {
    that: 'a burst of a few seconds was too much',
    alert: 'LoadShed',
    series: { [rejected('overload')]: counter([2, 0], [1, 200], [minutes, 0]) },
    at: '10m',
    fires: [],
  },
  {
    that: 'requests are refused for other reasons',
    alert: 'LoadShed',
    series: {
      [rejected('rate')]: counter([minutes, 6000]),
      [rejected('overload')]: counter([minutes, 0]),
    },
    at: '10m',
    fires: [],
  },
  {
    that: 'the heap is nearly full',
    alert: 'HeapNearLimit',
    series: {
      [series('nodejs_heap_size_used_bytes')]: gauge([minutes, 950]),
      [series('nodejs_heap_size_limit_bytes')]: gauge([minutes, 1000]),
    },
    at: '6m',
    fires: [
      {
        rule: warning,
        found: service,
        description: 'The heap of server:9464 is 95% full; at its limit V8 ends the process.',
      },
    ],
  },
  {
    that: 'the heap is half full',
    alert: 'HeapNearLimit',
    series: {
      [series('nodejs_heap_size_used_bytes')]: gauge([minutes, 500]),
      [series('nodejs_heap_size_limit_bytes')]: gauge([minutes, 1000]),
    },
    at: '10m',
    fires: [],
  },
  {
    that: 'a worker dies each minute',
    alert: 'WorkersDying',
    series: { [workers('died')]: counter([minutes, 1]) },
    at: '20m',
    fires: [
      {
        rule: warning,
        found: service,
        description:
          'About 15 workers of server:9464 died within a quarter of an hour; the requests that they had failed.',
      },
    ],
  },
  {
    that: 'one worker died, and all are replaced by a rolling restart',
    alert: 'WorkersDying',
    series: {
      [workers('died')]: counter([2, 0], [1, 1], [minutes, 0]),
      [workers('replaced')]: counter([2, 0], [1, 8], [minutes, 0]),
    },
    at: '10m',
    fires: [],
  },
];

const spans = (outcome: string) => series('telemetry_spans_total', { outcome });
const scrape = series('scrape_duration_seconds');
const failures = series('prometheus_rule_evaluation_failures_total', { ...prometheus, ...rule });

export const telemetryScenarios: readonly Scenario[] = [
  {
    that: 'one span a second is dropped',
    alert: 'SpansDropped',
    series: { [spans('dropped')]: counter([minutes, 60]) },
    at: '12m',
    fires: [
      {
        rule: warning,
        found: { ...service, outcome: 'dropped' },
        description: 'server:9464 drops 1 spans a second, so traces have holes.',
      },
    ],
  },
  {
    that: 'all spans are exported',
    alert: 'SpansDropped',
    series: {
      [spans('dropped')]: counter([minutes, 0]),
      [spans('exported')]: counter([minutes, 60]),
    },
    at: '20m',
    fires: [],
  },
  {
    that: 'a scrape takes two seconds',
    alert: 'SlowScrape',
    series: { [scrape]: gauge([minutes, 2]) },
    at: '11m',
    fires: [
      {
        rule: warning,
        found: service,
        description: 'Scraping server:9464 takes 2s, in which it answers no requests.',
      },
    ],
  },
  {
    that: 'a scrape takes 50 ms',
    alert: 'SlowScrape',
    series: { [scrape]: gauge([minutes, 0.05]) },
    at: '20m',
    fires: [],
  },
  {
    that: 'a process exposes 20,000 series',
    alert: 'CardinalityOverflow',
    series: { [series('telemetry_series')]: gauge([minutes, 20_000]) },
    at: '11m',
    fires: [
      {
        rule: warning,
        found: service,
        description:
          'server:9464 exposes 20k series; 10000 are what one scrape may take. A label must have got values that were not foreseen.',
      },
    ],
  },
  {
    that: 'a process exposes 3,000 series',
    alert: 'CardinalityOverflow',
    series: { [series('telemetry_series')]: gauge([minutes, 3000]) },
    at: '20m',
    fires: [],
  },
  {
    that: 'a rule fails each minute',
    alert: 'RuleEvaluationFailing',
    series: { [failures]: counter([minutes, 1]) },
    at: '10m',
    fires: [
      {
        rule: critical,
        found: prometheus,
        description: 'localhost:9090 failed 5 times to evaluate a rule; alerts may not fire.',
      },
    ],
  },
  {
    that: 'a rule failed long ago',
    alert: 'RuleEvaluationFailing',
    series: { [failures]: gauge([minutes, 4]) },
    at: '20m',
    fires: [],
  },
  {
    that: 'a tenth of the alerts does not reach Alertmanager',
    alert: 'NotificationsFailing',
    series: notifications(10, 100),
    at: '10m',
    fires: [
      {
        rule: { ...critical, sender: 'prometheus' },
        found: prometheus,
        description: '10% of the alerts that localhost:9090 sends fail.',
      },
    ],
  },
  {
    that: 'Alertmanager cannot reach the webhook',
    alert: 'NotificationsFailing',
    series: webhook(60, 60),
    at: '10m',
    fires: [
      {
        rule: { ...critical, sender: 'alertmanager' },
        found: { ...alertmanager, integration: 'webhook' },
        description: '100% of the notifications by webhook of alertmanager:9093 fail.',
      },
    ],
  },
  {
    that: 'all alerts and notifications arrive',
    alert: 'NotificationsFailing',
    series: { ...notifications(0, 100), ...webhook(0, 60) },
    at: '20m',
    fires: [],
  },
  {
    that: 'nothing is wrong, which is told all the time',
    alert: 'Watchdog',
    series: {},
    at: '0m',
    fires: [
      {
        rule: { severity: 'info', job: 'prometheus' },
        found: {},
        description:
          'This alert always fires. Its receiver should raise the alarm when it stops coming.',
      },
    ],
  },
];

function notifications(failed: number, sent: number) {
  const labels = { ...prometheus, alertmanager: 'http://alertmanager:9093/api/v2/alerts' };
  return {
    [series('prometheus_notifications_errors_total', labels)]: counter([minutes, failed]),
    [series('prometheus_notifications_sent_total', labels)]: counter([minutes, sent]),
  };
}

function webhook(failed: number, all: number) {
  const labels = { ...alertmanager, integration: 'webhook' };
  return {
    [series('alertmanager_notifications_failed_total', labels)]: counter([minutes, failed]),
    [series('alertmanager_notifications_total', labels)]: counter([minutes, all]),
  };
}
