import type { DashboardSpec, PanelSpec } from './dashboard-spec.ts';
import { mean, quantile, rate, series, sumRate, sumRateOfSome } from './query.ts';

const client = 'redis_client_command_duration_seconds';

export const redisDashboard: DashboardSpec = {
  key: 'redis',
  title: 'Throughline / Redis',
  question: 'Is Redis there, quick and roomy, and is it Redis that is slow or the way to it?',
  rows: [
    { title: 'Time', panels: time() },
    { title: 'Memory', panels: memory() },
    { title: 'Connections', panels: connections() },
  ],
};

function time(): PanelSpec[] {
  const server = `${sumRate('redis_commands_duration_seconds_total', 'cmd')} / ${sumRate('redis_commands_total', 'cmd')}`;
  const serverAll = `(sum(${rate('redis_commands_duration_seconds_total')}) / sum(${rate('redis_commands_total')}))`;
  return [
    {
      title: 'Client p99 by command',
      description: 'As our processes see it, the network and their own event loop included.',
      unit: 's',
      queries: [{ expr: quantile(0.99, client, 'command'), legend: '{{command}}' }],
    },
    {
      title: 'Server time by command',
      description: 'What Redis itself needs for a command, on average.',
      unit: 's',
      queries: [{ expr: server, legend: '{{cmd}}' }],
    },
    {
      title: 'Time outside of Redis',
      description:
        'What the client waits on average beyond what Redis needs: the network and the event loop. If the loop is idle, it is the network.',
      unit: 's',
      queries: [
        {
          expr: `sum(${rate(`${client}_sum`)}) / sum(${rate(`${client}_count`)}) - ${serverAll}`,
          legend: 'network and loop',
        },
      ],
      next: 'runtime',
    },
    {
      title: 'Commands',
      description: 'Per second, as Redis counts them, those of scripts included.',
      unit: 'cps',
      kind: 'stacked',
      queries: [{ expr: sumRate('redis_commands_total', 'cmd'), legend: '{{cmd}}' }],
    },
    {
      title: 'Commands that fail',
      description: 'Per second, as our processes see it: time-outs and errors.',
      unit: 'cps',
      queries: [
        {
          expr: sumRateOfSome(`${client}_count`, 'command', 'outcome="error"'),
          legend: '{{command}}',
        },
      ],
    },
    {
      title: 'Slow log',
      description: 'Entries in the slow log of Redis; `SLOWLOG GET` shows them.',
      unit: 'short',
      queries: [{ expr: series('redis_slowlog_length'), legend: '{{instance}}' }],
    },
  ];
}

function memory(): PanelSpec[] {
  return [
    {
      title: 'Memory',
      description:
        'Used, and what maxmemory allows; a maximum of 0 means none. When it is full, entries are evicted or writes go past the cache.',
      unit: 'bytes',
      queries: [
        { expr: series('redis_memory_used_bytes'), legend: 'used {{instance}}' },
        { expr: series('redis_memory_max_bytes'), legend: 'max {{instance}}' },
      ],
      alerts: ['RedisMemoryHigh'],
    },
    {
      title: 'Keys evicted and expired',
      description: 'Per second. Expiries are ordinary; evictions say that memory is short.',
      unit: 'ops',
      queries: [
        { expr: rate('redis_evicted_keys_total'), legend: 'evicted {{instance}}' },
        { expr: rate('redis_expired_keys_total'), legend: 'expired {{instance}}' },
      ],
      alerts: ['RedisEvictingUnexpectedly'],
    },
    {
      title: 'Keys',
      description: 'By database. It falls to nothing when Redis is flushed or restarted empty.',
      unit: 'short',
      queries: [{ expr: `sum by (instance, db) (${series('redis_db_keys')})`, legend: '{{db}}' }],
    },
    {
      title: 'Policy of eviction',
      description:
        'With noeviction or volatile-* the service uses Redis; with allkeys-* it refuses to.',
      unit: 'bool_yes_no',
      kind: 'timeline',
      queries: [
        {
          expr: `max by (instance, maxmemory_policy) (${series('redis_instance_info')})`,
          legend: '{{maxmemory_policy}}',
        },
      ],
      states: { 1: { text: 'set', color: 'blue' } },
      alerts: ['RedisPolicyUnsafe'],
    },
  ];
}

function connections(): PanelSpec[] {
  return [
    {
      title: 'Redis answers',
      description: 'Whether its exporter and our processes reach a Redis that is fit.',
      unit: 'bool_yes_no',
      kind: 'timeline',
      queries: [
        { expr: series('redis_up'), legend: 'exporter {{instance}}' },
        { expr: series('redis_client_connected'), legend: 'client {{instance}}' },
      ],
      states: { 0: { text: 'no', color: 'red' }, 1: { text: 'yes', color: 'green' } },
      alerts: ['RedisDown'],
    },
    {
      title: 'Clients',
      description: 'Connected to Redis, of all programs.',
      unit: 'short',
      queries: [{ expr: series('redis_connected_clients'), legend: '{{instance}}' }],
    },
    {
      title: 'Connections refused',
      description: 'By Redis, per second, because maxclients was reached.',
      unit: 'ops',
      queries: [{ expr: rate('redis_rejected_connections_total'), legend: '{{instance}}' }],
      alerts: ['RedisRejectedConnections'],
    },
    {
      title: 'Client had to connect again',
      description: 'Per second, of each process.',
      unit: 'ops',
      queries: [{ expr: rate('redis_client_reconnects_total'), legend: '{{instance}}' }],
      next: 'cache',
    },
    {
      title: 'Replicas',
      description:
        'Connected to the primary, and on a replica whether it has its link (1) or lost it (0). A failover to one that is behind loses entries.',
      unit: 'short',
      queries: [
        { expr: series('redis_connected_slaves'), legend: 'replicas of {{instance}}' },
        { expr: series('redis_master_link_up'), legend: 'link of {{instance}}' },
      ],
      alerts: ['RedisReplicaLinkDown'],
    },
    {
      title: 'Client mean by process',
      description: 'One process alone that is slow has a trouble of its own, not with Redis.',
      unit: 's',
      queries: [{ expr: mean(client, 'instance'), legend: '{{instance}}' }],
    },
  ];
}
