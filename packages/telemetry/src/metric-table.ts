import type { LabelsOf, MetricTable } from './metric-definition.ts';

/** Seconds that a request may take; every threshold of a latency objective is one of these edges. */
export const latencyBucketsSeconds = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
] as const;

/** Seconds that one step at a store may take. */
export const stepBucketsSeconds = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5,
] as const;

/**
 * Series that one process may expose. A scrape of them all takes the event loop tens of milliseconds, in which no
 * request is answered.
 */
export const seriesBudget = 10_000;

/** Procedures, and `unknown` for a path that names none. */
const operation = { valuesMax: 24 };
/** Kinds of cached records, such as `product`. */
const namespace = { valuesMax: 6 };
const mode = ['active', 'draining', 'bypass'] as const;

/** Every metric of the service but the default ones of the process; nothing is registered elsewhere. */
export const metricTable = {
  product_write_duration_seconds: {
    type: 'histogram',
    help: 'How long writes of the product service take, by procedure and by the end of their cache step.',
    labels: { operation, cache_success: ['true', 'false', 'none'] },
    buckets: latencyBucketsSeconds,
    exemplars: true,
  },
  product_read_duration_seconds: {
    type: 'histogram',
    help: 'How long reads of the product service take, by procedure and by the end of their cache step.',
    labels: { operation, cache_success: ['true', 'false', 'none'] },
    buckets: latencyBucketsSeconds,
    exemplars: true,
  },

  trpc_requests_total: {
    type: 'counter',
    help: 'Calls answered, by procedure, by the code of the answer (OK without an error), and by whose error it was.',
    labels: {
      operation,
      type: ['query', 'mutation', 'subscription'],
      code: { valuesMax: 12 },
      error_class: ['none', 'client', 'server'],
    },
  },
  trpc_requests_in_flight: {
    type: 'gauge',
    merge: 'sum',
    help: 'Calls that have begun and not ended.',
    labels: {},
    scraped: true,
  },
  trpc_batch_size: {
    type: 'histogram',
    help: 'How many calls one HTTP request carries.',
    labels: {},
    buckets: [1, 2, 5, 10, 20, 50, 100],
  },
  http_rejected_total: {
    type: 'counter',
    help: 'HTTP requests refused before a procedure was called, by reason.',
    labels: { reason: ['auth', 'rate', 'size', 'batch', 'malformed', 'overload', 'connections'] },
  },
  token_key_fetches_total: {
    type: 'counter',
    help: 'How often the keys of tokens were asked for at AUTH_JWKS_URL.',
    labels: { outcome: ['ok', 'error'] },
  },

  cache_requests_total: {
    type: 'counter',
    help: 'Records asked of the cache, by the outcome of the read.',
    labels: { namespace, result: ['hit', 'miss', 'negative', 'pending', 'bypass', 'error'] },
  },
  cache_misses_total: {
    type: 'counter',
    help: 'Reads that found no entry to answer from, by reason.',
    labels: {
      namespace,
      reason: ['absent', 'invalidated', 'schema_skew', 'decode_error', 'timeout', 'untrusted'],
    },
  },
  cache_flights_joined_total: {
    type: 'counter',
    help: 'Reads that shared the flight of another one.',
    labels: { namespace },
  },
  cache_step_duration_seconds: {
    type: 'histogram',
    help: 'How long steps at the store take.',
    labels: {
      step: ['get', 'lease', 'fill', 'intend', 'publish', 'abandon', 'resolve'],
      outcome: { valuesMax: 6 },
    },
    buckets: stepBucketsSeconds,
  },
  cache_writes_total: {
    type: 'counter',
    help: 'Entries of committed writes by what became of them, and writes that were rejected.',
    labels: { namespace, outcome: ['published', 'superseded', 'deferred', 'rejected'] },
  },
  cache_commit_to_visible_seconds: {
    type: 'histogram',
    help: 'Time from COMMIT until the entry holds what was written.',
    labels: { namespace },
    buckets: latencyBucketsSeconds,
  },
  cache_value_bytes: {
    type: 'histogram',
    help: 'Size of the values put into entries.',
    labels: { namespace },
    buckets: [64, 256, 1024, 4096, 16_384, 65_536, 262_144],
  },
  cache_entry_age_seconds: {
    type: 'histogram',
    help: 'Time since the entries that answer reads were written or given their span again.',
    labels: { namespace },
    buckets: [1, 10, 60, 300, 900, 3600, 14_400, 86_400],
  },
  cache_database_reads_total: {
    type: 'counter',
    help: 'Records and pages of lists that readers loaded from PostgreSQL, by cause.',
    labels: { cause: ['miss', 'pending', 'untrusted', 'error'] },
  },
  cache_epoch: {
    type: 'gauge',
    merge: 'max',
    help: 'Number of the epoch that this process knows.',
    labels: {},
    scraped: true,
  },
  cache_mode: {
    type: 'gauge',
    merge: 'max',
    help: 'Whether the cache is in this mode: 1 for one of them, 0 for the others.',
    labels: { state: mode },
    scraped: true,
  },
  cache_mode_transitions_total: {
    type: 'counter',
    help: 'How often this process saw the cache enter a mode.',
    labels: { state: mode },
  },
  cache_trust_lease_remaining_seconds: {
    type: 'gauge',
    merge: 'min',
    help: 'How long this process may still believe the epoch row; 0 without a trust lease.',
    labels: {},
    scraped: true,
  },
  cache_pending_entries: {
    type: 'gauge',
    merge: 'max',
    help: 'Entries in Redis with a write under way, of all processes.',
    labels: {},
    scraped: true,
  },
  cache_oldest_pending_seconds: {
    type: 'gauge',
    merge: 'max',
    help: 'Time since the last INTEND of the pending entry that waits longest; 0 without one.',
    labels: {},
    scraped: true,
  },
  cache_resolved_total: {
    type: 'counter',
    help: 'Pending entries that somebody else than their writer settled, by who did.',
    labels: { cause: ['read', 'sweep'] },
  },
  cache_outbox_backlog: {
    type: 'gauge',
    merge: 'max',
    help: 'Changes made outside of the service that are not yet applied to the cache.',
    labels: {},
    scraped: true,
  },
  cache_outbox_lag_seconds: {
    type: 'gauge',
    merge: 'max',
    help: 'Age of the oldest change that is not yet applied to the cache; 0 without one.',
    labels: {},
    scraped: true,
  },
  cache_audits_total: {
    type: 'counter',
    help: 'Entries that the auditor compared with their rows, by verdict.',
    labels: { result: ['same', 'violation', 'absent', 'error'] },
    scraped: true,
  },
  cache_audit_last_success_timestamp_seconds: {
    type: 'gauge',
    merge: 'max',
    help: 'When the auditor last judged an entry, in Unix time.',
    labels: {},
    scraped: true,
  },
  cache_warmed_entries: {
    type: 'gauge',
    merge: 'sum',
    help: 'Entries loaded by the warm-up.',
    labels: {},
    scraped: true,
  },
  cache_warm_duration_seconds: {
    type: 'gauge',
    merge: 'max',
    help: 'How long the warm-up took.',
    labels: {},
    scraped: true,
  },
  cache_hot_key_share_ratio: {
    type: 'gauge',
    merge: 'max',
    help: 'Share of the reads that went to the most read keys; which these are, cache.status tells.',
    labels: { rank: ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10'] },
    scraped: true,
  },

  redis_client_command_duration_seconds: {
    type: 'histogram',
    help: 'How long commands to Redis take as the client sees it.',
    labels: { command: { valuesMax: 12 }, outcome: ['ok', 'error'] },
    buckets: stepBucketsSeconds,
  },
  redis_client_connected: {
    type: 'gauge',
    merge: 'min',
    help: 'Whether the client is connected to a Redis that is fit.',
    labels: {},
    scraped: true,
  },
  redis_client_reconnects_total: {
    type: 'counter',
    help: 'How often the client had to connect again.',
    labels: {},
  },

  change_followers: {
    type: 'gauge',
    merge: 'sum',
    help: 'Subscriptions that are told of changes.',
    labels: {},
    scraped: true,
  },

  db_pool_connections: {
    type: 'gauge',
    merge: 'sum',
    help: 'Connections to PostgreSQL by pool and state.',
    labels: { pool: ['reads', 'writes'], state: ['used', 'idle'] },
    scraped: true,
  },
  db_pool_connections_max: {
    type: 'gauge',
    merge: 'sum',
    help: 'Connections to PostgreSQL that a pool may open.',
    labels: { pool: ['reads', 'writes'] },
    scraped: true,
  },
  db_pool_waiting: {
    type: 'gauge',
    merge: 'sum',
    help: 'Callers that wait for a connection of a pool, or for their turn to ask for one.',
    labels: { pool: ['reads', 'writes'] },
    scraped: true,
  },
  db_pool_acquire_duration_seconds: {
    type: 'histogram',
    help: 'How long callers wait for a connection of a pool.',
    labels: { pool: ['reads', 'writes'] },
    buckets: latencyBucketsSeconds,
  },
  db_query_duration_seconds: {
    type: 'histogram',
    help: 'How long statements take, by name; of those that are sent together, each counts the time of all.',
    labels: { query_name: { valuesMax: 50 }, outcome: ['ok', 'error'] },
    buckets: latencyBucketsSeconds,
  },

  nodejs_eventloop_utilization_ratio: {
    type: 'gauge',
    merge: 'max',
    help: 'Share of the time since the last scrape in which the event loop was busy.',
    labels: {},
    scraped: true,
  },
  nodejs_heap_size_limit_bytes: {
    type: 'gauge',
    merge: 'max',
    help: 'Size of the heap at which V8 ends the process.',
    labels: {},
    scraped: true,
  },
  telemetry_spans_total: {
    type: 'counter',
    help: 'Spans by what became of them.',
    labels: { outcome: ['exported', 'dropped'] },
    scraped: true,
  },
  telemetry_scrape_duration_seconds: {
    type: 'gauge',
    merge: 'max',
    help: 'How long the previous scrape took this process.',
    labels: {},
    scraped: true,
  },
  telemetry_series: {
    type: 'gauge',
    merge: 'max',
    help: 'Series in the previous scrape.',
    labels: {},
    scraped: true,
  },
  service_workers: {
    type: 'gauge',
    merge: 'sum',
    help: 'Worker processes by state; 0 where one process serves alone.',
    labels: { state: ['starting', 'ready', 'draining'] },
    scraped: true,
  },
  service_worker_ends_total: {
    type: 'counter',
    help: 'Worker processes that ended, by whether they were told to.',
    labels: { reason: ['died', 'replaced', 'stopped'] },
    scraped: true,
  },
  service_connections_total: {
    type: 'counter',
    help: 'Connections that the supervisor dealt to workers, or closed as no worker could take them.',
    labels: { outcome: ['dealt', 'full', 'late'] },
    scraped: true,
  },
  app_build_info: {
    type: 'gauge',
    merge: 'max',
    help: 'Always 1; the labels say what runs.',
    labels: { version: { valuesMax: 1 }, commit: { valuesMax: 1 } },
    scraped: true,
  },
} as const satisfies MetricTable;

export type MetricsOfService = typeof metricTable;
export type MetricName = keyof MetricsOfService;

/** The labels of one metric, each with its value. */
export type MetricLabels<Name extends MetricName> = LabelsOf<(typeof metricTable)[Name]>;
