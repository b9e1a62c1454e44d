import type { DashboardSpec, PanelSpec } from './dashboard-spec.ts';
import { quantile, series, sumRate, sumRateOfSome } from './query.ts';

export const postgresDashboard: DashboardSpec = {
  key: 'postgres',
  title: 'Throughline / PostgreSQL and pool',
  question: 'Who waits for PostgreSQL: for a connection, for a statement, for a lock?',
  rows: [
    { title: 'The pools of the service', panels: pools() },
    { title: 'Statements', panels: statements() },
    { title: 'PostgreSQL', panels: server() },
  ],
};

function pools(): PanelSpec[] {
  const used = series('db_pool_connections', 'state="used"');
  return [
    {
      title: 'Connections used',
      description: 'By pool, and how many it may open: where they meet, callers wait.',
      unit: 'short',
      queries: [
        { expr: `sum by (instance, pool) (${used})`, legend: 'used {{pool}} {{instance}}' },
        {
          expr: `sum by (instance, pool) (${series('db_pool_connections_max')})`,
          legend: 'max {{pool}} {{instance}}',
        },
      ],
    },
    {
      title: 'Callers that wait for a connection',
      description: 'By pool. More than a moment of it is the start of an overload.',
      unit: 'short',
      queries: [
        {
          expr: `sum by (instance, pool) (${series('db_pool_waiting')})`,
          legend: '{{pool}} {{instance}}',
        },
      ],
      alerts: ['DbPoolSaturated'],
      next: 'service',
    },
    {
      title: 'Wait for a connection p99',
      description: 'By pool.',
      unit: 's',
      queries: [
        { expr: quantile(0.99, 'db_pool_acquire_duration_seconds', 'pool'), legend: '{{pool}}' },
      ],
    },
  ];
}

function statements(): PanelSpec[] {
  return [
    {
      title: 'Statements p99 by name',
      description: 'How long they take, as our processes see it.',
      unit: 's',
      queries: [
        {
          expr: quantile(0.99, 'db_query_duration_seconds', 'query_name'),
          legend: '{{query_name}}',
        },
      ],
    },
    {
      title: 'Statements by name',
      description: 'Per second.',
      unit: 'ops',
      queries: [
        {
          expr: sumRate('db_query_duration_seconds_count', 'query_name'),
          legend: '{{query_name}}',
        },
      ],
      next: 'cache',
    },
    {
      title: 'Statements that fail',
      description: 'Per second, by name.',
      unit: 'ops',
      queries: [
        {
          expr: sumRateOfSome('db_query_duration_seconds_count', 'query_name', 'outcome="error"'),
          legend: '{{query_name}}',
        },
      ],
    },
  ];
}

function server(): PanelSpec[] {
  return [
    {
      title: 'PostgreSQL answers',
      description: 'Whether its exporter reaches it.',
      unit: 'bool_yes_no',
      kind: 'timeline',
      queries: [{ expr: series('pg_up'), legend: '{{instance}}' }],
      states: { 0: { text: 'no', color: 'red' }, 1: { text: 'yes', color: 'green' } },
      alerts: ['PostgresDown'],
    },
    {
      title: 'Connections against the maximum',
      description:
        'Of all programs, and max_connections. When they meet, new connections are refused.',
      unit: 'short',
      queries: [
        { expr: `sum by (state) (${series('pg_stat_activity_count')})`, legend: '{{state}}' },
        { expr: `max(${series('pg_settings_max_connections')})`, legend: 'max_connections' },
      ],
      alerts: ['DbConnectionsHigh'],
    },
    {
      title: 'Locks by mode',
      description: 'Held or waited for. A rise of the exclusive ones is a migration or a pile-up.',
      unit: 'short',
      queries: [{ expr: `sum by (mode) (${series('pg_locks_count')})`, legend: '{{mode}}' }],
    },
    {
      title: 'Deadlocks',
      description: 'Per second, by database.',
      unit: 'ops',
      // What belongs to no database has an empty name.
      queries: [
        {
          expr: sumRate('pg_stat_database_deadlocks', 'datname', 'datname!=""'),
          legend: '{{datname}}',
        },
      ],
      alerts: ['DbDeadlocks'],
    },
    {
      title: 'Longest transaction',
      description:
        'By state. Ours end within ten seconds; a longer one is of another program, and holds up epoch changes if it writes our tables.',
      unit: 's',
      queries: [
        {
          expr: `max by (state) (${series('pg_stat_activity_max_tx_duration')})`,
          legend: '{{state}}',
        },
      ],
    },
    {
      title: 'Lag of the standby',
      description: 'How far it is behind. A failover to it loses so much.',
      unit: 's',
      queries: [
        {
          expr: `max by (instance) (${series('pg_replication_lag_seconds')} or ${series('pg_replication_lag')})`,
          legend: '{{instance}}',
        },
      ],
      alerts: ['DbReplicaLag'],
    },
  ];
}
