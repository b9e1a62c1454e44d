import { metricTable, type MetricName } from './metric-table.ts';

/**
 * The metrics that nothing feeds yet. They have a name, so that rules can be written, and are not
 * exposed: a counter that stays at zero because nobody counts is a lie. To feed one, take it out here. Then
 * `Metrics` has it, and if it is scraped, `createMetrics` does not compile without its source.
 */
export const awaitedMetrics = [
  'trpc_requests_total',
  'trpc_requests_in_flight',
  'trpc_batch_size',
  'http_rejected_total',
  'cache_requests_total',
  'cache_misses_total',
  'cache_flights_joined_total',
  'cache_step_duration_seconds',
  'cache_writes_total',
  'cache_commit_to_visible_seconds',
  'cache_value_bytes',
  'cache_entry_age_seconds',
  'cache_database_reads_total',
  'cache_epoch',
  'cache_mode',
  'cache_mode_transitions_total',
  'cache_trust_lease_remaining_seconds',
  'cache_pending_entries',
  'cache_oldest_pending_seconds',
  'cache_resolved_total',
  'cache_outbox_backlog',
  'cache_outbox_lag_seconds',
  'cache_audits_total',
  'cache_audit_last_success_timestamp_seconds',
  'cache_warmed_entries',
  'cache_warm_duration_seconds',
  'cache_hot_key_share_ratio',
  'redis_client_command_duration_seconds',
  'redis_client_connected',
  'redis_client_reconnects_total',
  'db_pool_connections',
  'db_pool_connections_max',
  'db_pool_waiting',
  'db_pool_acquire_duration_seconds',
  'db_query_duration_seconds',
  'nodejs_eventloop_utilization_ratio',
  'nodejs_heap_size_limit_bytes',
  'telemetry_spans_total',
  'telemetry_scrape_duration_seconds',
  'telemetry_series',
  'app_build_info',
] as const satisfies readonly MetricName[];

type FedName = Exclude<MetricName, (typeof awaitedMetrics)[number]>;

/** The metrics that are exposed. */
export const fedMetrics = withoutAwaited();

export type FedMetrics = Pick<typeof metricTable, FedName>;

function withoutAwaited(): FedMetrics {
  const table: Partial<Record<MetricName, unknown>> & FedMetrics = { ...metricTable };
  for (const name of awaitedMetrics) delete table[name];
  return table;
}
