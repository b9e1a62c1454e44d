import type { Durations } from './durations.ts';
import type { RecordingRule, RuleGroup } from './rule.ts';

/** What dashboards and alerts ask for again and again. Rates are over five minutes. */
export function recordingRuleGroup(durations: Durations): RuleGroup {
  const window = durations.text('5m');
  const rate = (selector: string) => `rate(${selector}[${window}])`;
  const p99 = (record: string, metric: string, by = ''): RecordingRule => ({
    record,
    expr: `histogram_quantile(0.99, sum by (job, ${by}le) (${rate(`${metric}_bucket`)}))`,
  });
  return {
    name: 'recordings',
    rules: [
      {
        record: 'cache:reads:rate5m',
        expr: `sum by (job, namespace) (${rate('cache_requests_total')})`,
      },
      {
        record: 'cache:hit_ratio:rate5m',
        expr: `sum by (job, namespace) (${rate('cache_requests_total{result=~"hit|negative"}')}) / cache:reads:rate5m`,
      },
      {
        record: 'cache:bypass_ratio:rate5m',
        expr: bypassRatio(window),
      },
      {
        record: 'cache:write_failure_ratio:rate5m',
        // While no write has ever failed there is no series of failures, which must count as none.
        expr: `(sum by (job) (${rate('product_write_duration_seconds_count{cache_success="false"}')}) or 0 * sum by (job) (${rate('product_write_duration_seconds_count')})) / sum by (job) (${rate('product_write_duration_seconds_count')})`,
      },
      {
        record: 'cache:write_rejected_ratio:rate5m',
        expr: `sum by (job) (${rate('cache_writes_total{outcome="rejected"}')}) / sum by (job) (${rate('cache_writes_total')})`,
      },
      p99('read:p99_seconds:rate5m', 'product_read_duration_seconds', 'operation, '),
      p99('write:p99_seconds:rate5m', 'product_write_duration_seconds', 'operation, '),
      p99('cache:commit_to_visible_p99_seconds:rate5m', 'cache_commit_to_visible_seconds'),
      p99('cache:step_p99_seconds:rate5m', 'cache_step_duration_seconds', 'step, '),
      p99('redis_client:p99_seconds:rate5m', 'redis_client_command_duration_seconds', 'command, '),
      p99('db_query:p99_seconds:rate5m', 'db_query_duration_seconds', 'query_name, '),
      p99('db_pool:acquire_p99_seconds:rate5m', 'db_pool_acquire_duration_seconds', 'pool, '),
    ],
  };
}

/** Which share of the reads went past the cache. While none ever has, there is no series of them, which counts as none. */
export function bypassRatio(window: string): string {
  const reads = (selector: string) =>
    `sum by (job) (rate(cache_requests_total${selector}[${window}]))`;
  return `(${reads('{result=~"bypass|error"}')} or 0 * ${reads('')}) / ${reads('')}`;
}
