import { counter, gauge, instance, job, series, type Scenario } from './scenario.ts';

const minutes = 30;
const warning = { severity: 'warning' };
const critical = { severity: 'critical' };
const redisTarget = { job: 'redis', instance: 'redis-exporter:9121' };
const postgresTarget = { job: 'postgres', instance: 'postgres-exporter:9187' };

const redis = (name: string, labels = {}) => series(name, { ...redisTarget, ...labels });
const postgres = (name: string, labels = {}) => series(name, { ...postgresTarget, ...labels });

const policy = (name: string) => ({ role: 'master', maxmemory_policy: name });
const replica = { master_host: '10.0.0.7', master_port: '6379' };

export const redisScenarios: readonly Scenario[] = [
  {
    that: 'Redis is away',
    alert: 'RedisDown',
    series: { [redis('redis_up')]: gauge([minutes, 0]) },
    at: '2m',
    fires: [
      {
        rule: critical,
        found: redisTarget,
        description:
          'The exporter redis-exporter:9121 cannot reach its Redis. If it is the primary in use, reads come from PostgreSQL, and writes go past the cache or are refused.',
      },
    ],
  },
  {
    that: 'Redis has been back for two minutes, and what it kept quiet may not be over yet',
    alert: 'RedisDown',
    series: { [redis('redis_up')]: gauge([5, 0], [minutes, 1]) },
    at: '7m',
    fires: [
      {
        rule: critical,
        found: redisTarget,
        description:
          'The exporter redis-exporter:9121 cannot reach its Redis. If it is the primary in use, reads come from PostgreSQL, and writes go past the cache or are refused.',
      },
    ],
  },
  {
    that: 'Redis has been back for five minutes',
    alert: 'RedisDown',
    series: { [redis('redis_up')]: gauge([5, 0], [minutes, 1]) },
    at: '10m',
    fires: [],
  },
  {
    that: 'Redis answers',
    alert: 'RedisDown',
    series: { [redis('redis_up')]: gauge([minutes, 1]) },
    at: '10m',
    fires: [],
  },
  {
    that: 'Redis uses 95 of 100 MB',
    alert: 'RedisMemoryHigh',
    series: {
      [redis('redis_memory_used_bytes')]: gauge([minutes, 95_000_000]),
      [redis('redis_memory_max_bytes')]: gauge([minutes, 100_000_000]),
    },
    at: '7m',
    fires: [
      {
        rule: warning,
        found: redisTarget,
        description:
          'Redis behind redis-exporter:9121 uses 95% of maxmemory. When it is full, entries are evicted, and with noeviction writes are refused.',
      },
    ],
  },
  {
    that: 'Redis has no limit of its own',
    alert: 'RedisMemoryHigh',
    series: {
      [redis('redis_memory_used_bytes')]: gauge([minutes, 95_000_000]),
      [redis('redis_memory_max_bytes')]: gauge([minutes, 0]),
    },
    at: '20m',
    fires: [],
  },
  {
    that: 'Redis evicts one key a second',
    alert: 'RedisEvictingUnexpectedly',
    series: { [redis('redis_evicted_keys_total')]: counter([minutes, 60]) },
    at: '20m',
    fires: [
      {
        rule: warning,
        found: redisTarget,
        description:
          'Redis behind redis-exporter:9121 evicts 1 keys a second: what is read does not fit into its memory.',
      },
    ],
  },
  {
    that: 'Redis evicts for a minute and then has room again',
    alert: 'RedisEvictingUnexpectedly',
    series: { [redis('redis_evicted_keys_total')]: counter([1, 60], [minutes, 0]) },
    at: '20m',
    fires: [],
  },
  {
    that: 'Redis evicts whatever it likes',
    alert: 'RedisPolicyUnsafe',
    series: { [redis('redis_instance_info', policy('allkeys-lru'))]: gauge([minutes, 1]) },
    at: '2m',
    fires: [
      {
        rule: critical,
        found: { ...redisTarget, ...policy('allkeys-lru') },
        description:
          'Redis behind redis-exporter:9121 has the maxmemory-policy allkeys-lru. The service uses no primary that has it; set noeviction or one of volatile-*.',
      },
    ],
  },
  {
    that: 'Redis evicts only keys with a life',
    alert: 'RedisPolicyUnsafe',
    series: { [redis('redis_instance_info', policy('volatile-lru'))]: gauge([minutes, 1]) },
    at: '10m',
    fires: [],
  },
  {
    that: 'Redis refuses a connection each minute',
    alert: 'RedisRejectedConnections',
    series: { [redis('redis_rejected_connections_total')]: counter([minutes, 1]) },
    at: '10m',
    fires: [
      {
        rule: warning,
        found: redisTarget,
        description:
          'Redis behind redis-exporter:9121 refused about 5 connections within five minutes: maxclients is reached.',
      },
    ],
  },
  {
    that: 'Redis refused connections long ago',
    alert: 'RedisRejectedConnections',
    series: { [redis('redis_rejected_connections_total')]: gauge([minutes, 7]) },
    at: '10m',
    fires: [],
  },
  {
    that: 'a replica has no link to its primary',
    alert: 'RedisReplicaLinkDown',
    series: { [redis('redis_master_link_up', replica)]: gauge([minutes, 0]) },
    at: '3m',
    fires: [
      {
        rule: warning,
        found: { ...redisTarget, ...replica },
        description:
          'The replica behind redis-exporter:9121 has no link to 10.0.0.7:6379. A failover to it would lose entries.',
      },
    ],
  },
  {
    that: 'a replica follows its primary',
    alert: 'RedisReplicaLinkDown',
    series: { [redis('redis_master_link_up', replica)]: gauge([minutes, 1]) },
    at: '10m',
    fires: [],
  },
];

const pool = (used: number, waiting: number) => ({
  [series('db_pool_connections', { pool: 'writes', state: 'used' })]: gauge([minutes, used]),
  [series('db_pool_connections', { pool: 'writes', state: 'idle' })]: gauge([minutes, 10 - used]),
  [series('db_pool_connections_max', { pool: 'writes' })]: gauge([minutes, 10]),
  [series('db_pool_waiting', { pool: 'writes' })]: gauge([minutes, waiting]),
});

const connections = (active: number) => ({
  [postgres('pg_stat_activity_count', { datname: 'shop', state: 'active' })]: gauge([
    minutes,
    active,
  ]),
  [postgres('pg_stat_activity_count', { datname: 'shop', state: 'idle' })]: gauge([minutes, 40]),
  [postgres('pg_settings_max_connections')]: gauge([minutes, 100]),
});

const replicaLag = (span: string) =>
  `The standby behind postgres-exporter:9187 is ${span} behind. A failover to it would lose commits that the cache has seen.`;

export const postgresScenarios: readonly Scenario[] = [
  {
    that: 'PostgreSQL is away',
    alert: 'PostgresDown',
    series: { [postgres('pg_up')]: gauge([minutes, 0]) },
    at: '2m',
    fires: [
      {
        rule: critical,
        found: postgresTarget,
        description:
          'The exporter postgres-exporter:9187 cannot reach its PostgreSQL. Writes fail, and a second later cached reads end too.',
      },
    ],
  },
  {
    that: 'PostgreSQL answers',
    alert: 'PostgresDown',
    series: { [postgres('pg_up')]: gauge([minutes, 1]) },
    at: '10m',
    fires: [],
  },
  {
    that: 'nine of ten connections for writes are used, no more writes run at once, and three callers wait',
    alert: 'DbPoolSaturated',
    series: pool(9, 3),
    at: '3m',
    fires: [
      {
        rule: warning,
        found: { job, instance, pool: 'writes' },
        description: '3 callers wait for the pool writes of server:9464.',
      },
    ],
  },
  {
    that: 'all connections are used, and nobody waits',
    alert: 'DbPoolSaturated',
    series: pool(10, 0),
    at: '10m',
    fires: [],
  },
  {
    that: '85 of 100 connections are in use',
    alert: 'DbConnectionsHigh',
    series: connections(45),
    at: '7m',
    fires: [
      {
        rule: warning,
        found: postgresTarget,
        description:
          '85% of max_connections are used at postgres-exporter:9187. When they are used up, new connections are refused.',
      },
    ],
  },
  {
    that: 'half of the connections are in use',
    alert: 'DbConnectionsHigh',
    series: connections(10),
    at: '10m',
    fires: [],
  },
  {
    that: 'a standby is a minute behind, by the query of ours',
    alert: 'DbReplicaLag',
    series: { [postgres('pg_replication_lag')]: gauge([minutes, 60]) },
    at: '7m',
    fires: [{ rule: warning, found: postgresTarget, description: replicaLag('1m 0s') }],
  },
  {
    that: 'a standby is two minutes behind, by a newer exporter',
    alert: 'DbReplicaLag',
    series: { [postgres('pg_replication_lag_seconds')]: gauge([minutes, 120]) },
    at: '7m',
    fires: [{ rule: warning, found: postgresTarget, description: replicaLag('2m 0s') }],
  },
  {
    that: 'a standby follows closely',
    alert: 'DbReplicaLag',
    series: { [postgres('pg_replication_lag')]: gauge([minutes, 1]) },
    at: '10m',
    fires: [],
  },
  {
    that: 'a transaction deadlocks every three minutes',
    alert: 'DbDeadlocks',
    series: {
      [postgres('pg_stat_database_deadlocks', { datname: 'shop' })]: '0x2 1x2 2x2 3x2 4x2 5x2 6x2',
    },
    at: '18m',
    fires: [
      {
        rule: warning,
        found: { ...postgresTarget, datname: 'shop' },
        description: 'About 5 deadlocks within a quarter of an hour in the database shop.',
      },
    ],
  },
  {
    that: 'there were deadlocks long ago',
    alert: 'DbDeadlocks',
    series: { [postgres('pg_stat_database_deadlocks', { datname: 'shop' })]: gauge([minutes, 9]) },
    at: '20m',
    fires: [],
  },
];
