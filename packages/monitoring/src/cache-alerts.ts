import type { Durations } from './durations.ts';
import { bypassRatio } from './recording-rules.ts';
import type { AlertingRule, RuleGroup } from './rule.ts';

const cache = { component: 'cache', dashboard: 'cache' } as const;
const consistency = { component: 'cache', dashboard: 'consistency' } as const;

/** Alerts about the cache itself. */
export function cacheAlertGroup(durations: Durations): RuleGroup {
  return {
    name: 'cache-alerts',
    rules: [...failureAlerts(durations), ...usageAlerts(durations), ...promiseAlerts(durations)],
  };
}

function failureAlerts(durations: Durations): AlertingRule[] {
  const five = durations.text('5m');
  const writes = `sum by (job) (increase(product_write_duration_seconds_count[${five}])) >= 10`;
  const failed =
    '{{ $value | humanizePercentage }} of the writes of {{ $labels.job }} had a cache step that failed: refused because Redis was unreachable, or committed before PUBLISH had ended.';
  const unused = {
    alert: 'CacheBypassed',
    severity: 'warning',
    for: '2m',
    summary: 'The cache is not used.',
    ...cache,
  } as const;
  return [
    {
      alert: 'CacheFailureRateHigh',
      severity: 'warning',
      for: '10m',
      expr: `cache:write_failure_ratio:rate5m > 0.01 and ${writes}`,
      summary: 'More than 1 % of the writes fail at the cache.',
      description: failed,
      ...cache,
    },
    {
      alert: 'CacheFailureRateHigh',
      severity: 'critical',
      for: '2m',
      expr: `cache:write_failure_ratio:rate5m > 0.1 and ${writes}`,
      summary: 'More than 10 % of the writes fail at the cache.',
      description: failed,
      ...cache,
    },
    {
      ...unused,
      labels: { sign: 'mode' },
      expr: 'sum by (job) (cache_mode{state=~"draining|bypass"}) > 0',
      description:
        '{{ $value }} processes of {{ $labels.job }} are draining or in bypass; PostgreSQL carries all their reads.',
    },
    {
      ...unused,
      labels: { sign: 'reads' },
      // The last two minutes as well, so that it ends soon after the trouble does.
      expr: `cache:bypass_ratio:rate5m > 0.5 and ${bypassRatio(durations.text('2m'))} > 0.5 and sum by (job) (increase(cache_requests_total[${five}])) >= 10`,
      description:
        '{{ $value | humanizePercentage }} of the reads of {{ $labels.job }} go past the cache, so PostgreSQL carries them.',
    },
    {
      alert: 'CacheWritesRejected',
      severity: 'critical',
      // Sooner than CacheFailureRateHigh, which it keeps quiet.
      for: '1m',
      expr: `cache:write_rejected_ratio:rate5m > 0.05`,
      summary: 'Writes are refused because the cache cannot take them.',
      description:
        '{{ $value | humanizePercentage }} of the writes of {{ $labels.job }} are rolled back and refused.',
      ...cache,
    },
  ];
}

function usageAlerts(durations: Durations): AlertingRule[] {
  const hour = durations.text('1h');
  return [
    {
      alert: 'CacheHitRatioDropped',
      severity: 'warning',
      for: '15m',
      expr: `avg_over_time(cache:hit_ratio:rate5m[${hour}]) < 0.7 * avg_over_time(cache:hit_ratio:rate5m[${hour}] offset ${durations.text('1w')}) and avg_over_time(cache:reads:rate5m[${hour}]) * ${String(durations.seconds('1h'))} >= 1000`,
      summary: 'The hit ratio is below 70 % of what it was a week ago.',
      description:
        'Over the last hour, {{ $value | humanizePercentage }} of the reads of {{ $labels.namespace }} were hits. In the same hour of last week it was much more.',
      ...cache,
    },
    {
      alert: 'CacheHotKey',
      severity: 'info',
      for: '10m',
      expr: `max by (job, instance) (cache_hot_key_share_ratio{rank="1"}) > 0.2 and sum by (job, instance) (rate(cache_requests_total[${durations.text('5m')}])) > 100`,
      summary: 'One key gets a large share of all reads.',
      description:
        '{{ $value | humanizePercentage }} of the reads of {{ $labels.instance }} are of one key.',
      ...cache,
    },
  ];
}

function promiseAlerts(durations: Durations): AlertingRule[] {
  const hour = durations.text('1h');
  const hits = `sum by (job, instance) (rate(cache_requests_total{result="hit"}[${durations.text('5m')}]))`;
  const audited = 'max by (job, instance) (cache_audit_last_success_timestamp_seconds)';
  return [
    {
      alert: 'CacheStaleReadDetected',
      severity: 'critical',
      // A process that began with a violation shows no increase, so its first hour counts as one.
      expr: `sum by (job, instance) (increase(cache_audits_total{result="violation"}[${hour}])) > 0 or (${violations()} > 0 unless ${violations(` offset ${hour}`)})`,
      summary: 'The cache contradicts the database: readers get wrong answers.',
      description:
        'Within the last hour, the auditor of {{ $labels.instance }} has found a wrong entry about {{ printf "%.0f" $value }} times.',
      ...consistency,
    },
    {
      alert: 'CachePendingOld',
      severity: 'warning',
      for: '1m',
      expr: 'max by (job) (cache_oldest_pending_seconds) > 60',
      summary: 'An entry has been pending for more than a minute.',
      description:
        'The oldest pending entry waits for {{ $value | humanizeDuration }}. Its readers are answered by PostgreSQL.',
      ...consistency,
    },
    {
      alert: 'CacheAuditStalled',
      severity: 'warning',
      for: '5m',
      expr: `time() - ${audited} > ${String(durations.seconds('15m'))} and ${hits} > 1`,
      summary: 'The auditor judges nothing, although entries are read.',
      description:
        'The auditor of {{ $labels.instance }} last judged an entry {{ $value | humanizeDuration }} ago, so a wrong one would not be noticed.',
      ...consistency,
    },
    {
      alert: 'CacheOutboxLag',
      severity: 'warning',
      for: '2m',
      expr: 'max by (job) (cache_outbox_lag_seconds) > 30',
      summary: 'Changes made outside of the service reach the cache late.',
      description:
        'The oldest change that is not applied to the cache is {{ $value | humanizeDuration }} old; until then its readers get the old row.',
      ...consistency,
    },
  ];
}

function violations(offset = ''): string {
  return `sum by (job, instance) (cache_audits_total{result="violation"}${offset})`;
}
