import type { GaugeMerge } from './metric-definition.ts';

/**
 * What the default gauges of several processes say together. What one process can run out of is told by that which is
 * nearest to it; what all take of the machine is their sum.
 */
export const processMerges: Readonly<Record<string, GaugeMerge>> = {
  nodejs_active_handles: 'sum',
  nodejs_active_requests: 'sum',
  nodejs_active_resources: 'sum',
  nodejs_eventloop_lag_max_seconds: 'max',
  nodejs_eventloop_lag_mean_seconds: 'max',
  nodejs_eventloop_lag_min_seconds: 'min',
  nodejs_eventloop_lag_p50_seconds: 'max',
  nodejs_eventloop_lag_p90_seconds: 'max',
  nodejs_eventloop_lag_p99_seconds: 'max',
  nodejs_eventloop_lag_seconds: 'max',
  nodejs_eventloop_lag_stddev_seconds: 'max',
  nodejs_external_memory_bytes: 'max',
  nodejs_heap_size_total_bytes: 'max',
  nodejs_heap_size_used_bytes: 'max',
  nodejs_heap_space_size_available_bytes: 'min',
  nodejs_heap_space_size_total_bytes: 'max',
  nodejs_heap_space_size_used_bytes: 'max',
  nodejs_version_info: 'max',
  process_heap_bytes: 'sum',
  process_max_fds: 'min',
  process_open_fds: 'max',
  process_resident_memory_bytes: 'sum',
  process_start_time_seconds: 'min',
  process_virtual_memory_bytes: 'sum',
};
