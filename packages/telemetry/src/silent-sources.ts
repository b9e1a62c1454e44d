import type { ServiceSources } from './metrics.ts';

const nothing = () => [];

/** Sources of a process that has no service to tell of. */
export const silentSources: ServiceSources = {
  trpc_requests_in_flight: nothing,
  cache_epoch: nothing,
  cache_mode: nothing,
  cache_trust_lease_remaining_seconds: nothing,
  cache_pending_entries: nothing,
  cache_oldest_pending_seconds: nothing,
  cache_outbox_backlog: nothing,
  cache_outbox_lag_seconds: nothing,
  cache_audits_total: nothing,
  cache_audit_last_success_timestamp_seconds: nothing,
  cache_warmed_entries: nothing,
  cache_warm_duration_seconds: nothing,
  cache_hot_key_share_ratio: nothing,
  redis_client_connected: nothing,
  db_pool_connections: nothing,
  db_pool_connections_max: nothing,
  change_followers: nothing,
  db_pool_waiting: nothing,
  service_workers: nothing,
  service_worker_ends_total: nothing,
  service_connections_total: nothing,
};
