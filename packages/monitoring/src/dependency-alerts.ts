import type { Durations } from './durations.ts';
import type { AlertingRule, RuleGroup } from './rule.ts';

const redis = { component: 'redis', dashboard: 'redis' } as const;
const postgres = { component: 'postgres', dashboard: 'postgres' } as const;

/** Alerts about Redis and PostgreSQL, mostly from what their exporters tell. */
export function dependencyAlertGroup(durations: Durations): RuleGroup {
  return {
    name: 'dependency-alerts',
    rules: [...redisAlerts(durations), ...postgresAlerts(durations)],
  };
}

function redisAlerts(durations: Durations): AlertingRule[] {
  const five = durations.text('5m');
  return [
    {
      alert: 'RedisDown',
      severity: 'critical',
      for: '1m',
      // What it keeps quiet at the cache goes on for a moment after Redis is back, and must not be told then.
      keepFiringFor: '3m',
      expr: 'redis_up == 0',
      summary: 'Redis does not answer its exporter.',
      description:
        'The exporter {{ $labels.instance }} cannot reach its Redis. If it is the primary in use, reads come from PostgreSQL, and writes go past the cache or are refused.',
      ...redis,
    },
    {
      alert: 'RedisMemoryHigh',
      severity: 'warning',
      for: '5m',
      expr: 'redis_memory_used_bytes / (redis_memory_max_bytes > 0) > 0.9',
      summary: 'Redis has used more than 90 % of its memory.',
      description:
        'Redis behind {{ $labels.instance }} uses {{ $value | humanizePercentage }} of maxmemory. When it is full, entries are evicted, and with noeviction writes are refused.',
      ...redis,
    },
    {
      alert: 'RedisEvictingUnexpectedly',
      severity: 'warning',
      for: '15m',
      expr: `rate(redis_evicted_keys_total[${five}]) > 0`,
      summary: 'Redis evicts entries all the time.',
      description:
        'Redis behind {{ $labels.instance }} evicts {{ $value | humanize }} keys a second: what is read does not fit into its memory.',
      ...redis,
    },
    {
      alert: 'RedisPolicyUnsafe',
      severity: 'critical',
      for: '1m',
      expr: 'redis_instance_info{maxmemory_policy=~"allkeys-.*"}',
      summary: 'Redis may evict entries of pending writes.',
      description:
        'Redis behind {{ $labels.instance }} has the maxmemory-policy {{ $labels.maxmemory_policy }}. The service uses no primary that has it; set noeviction or one of volatile-*.',
      ...redis,
    },
    {
      alert: 'RedisRejectedConnections',
      severity: 'warning',
      expr: `increase(redis_rejected_connections_total[${five}]) > 0`,
      summary: 'Redis refuses connections.',
      description:
        'Redis behind {{ $labels.instance }} refused about {{ printf "%.0f" $value }} connections within five minutes: maxclients is reached.',
      ...redis,
    },
    {
      alert: 'RedisReplicaLinkDown',
      severity: 'warning',
      for: '2m',
      expr: 'redis_master_link_up == 0',
      summary: 'A replica of Redis has lost its primary.',
      description:
        'The replica behind {{ $labels.instance }} has no link to {{ $labels.master_host }}:{{ $labels.master_port }}. A failover to it would lose entries.',
      ...redis,
    },
  ];
}

function postgresAlerts(durations: Durations): AlertingRule[] {
  return [
    {
      alert: 'PostgresDown',
      severity: 'critical',
      for: '1m',
      expr: 'pg_up == 0',
      summary: 'PostgreSQL does not answer its exporter.',
      description:
        'The exporter {{ $labels.instance }} cannot reach its PostgreSQL. Writes fail, and a second later cached reads end too.',
      ...postgres,
    },
    {
      alert: 'DbPoolSaturated',
      severity: 'warning',
      for: '2m',
      // The pools need not be full for it: the service never sends as many writes at once as there are connections.
      expr: 'sum by (job, instance, pool) (db_pool_waiting) > 0',
      summary: 'Callers wait for a connection to PostgreSQL.',
      description:
        '{{ $value }} callers wait for the pool {{ $labels.pool }} of {{ $labels.instance }}.',
      ...postgres,
    },
    {
      alert: 'DbConnectionsHigh',
      severity: 'warning',
      for: '5m',
      expr: 'sum by (job, instance) (pg_stat_activity_count) / sum by (job, instance) (pg_settings_max_connections) > 0.8',
      summary: 'PostgreSQL has more than 80 % of its connections in use.',
      description:
        '{{ $value | humanizePercentage }} of max_connections are used at {{ $labels.instance }}. When they are used up, new connections are refused.',
      ...postgres,
    },
    {
      // Newer exporters measure this themselves, and name the unit; ours gets it from a query of its own.
      alert: 'DbReplicaLag',
      severity: 'warning',
      for: '5m',
      expr: 'max by (job, instance) (pg_replication_lag_seconds or pg_replication_lag) > 30',
      summary: 'A standby of PostgreSQL is behind.',
      description:
        'The standby behind {{ $labels.instance }} is {{ $value | humanizeDuration }} behind. A failover to it would lose commits that the cache has seen.',
      ...postgres,
    },
    {
      alert: 'DbDeadlocks',
      severity: 'warning',
      expr: `sum by (job, instance, datname) (increase(pg_stat_database_deadlocks{datname!=""}[${durations.text('15m')}])) > 0`,
      summary: 'Transactions of PostgreSQL deadlock.',
      description:
        'About {{ printf "%.0f" $value }} deadlocks within a quarter of an hour in the database {{ $labels.datname }}.',
      ...postgres,
    },
  ];
}
