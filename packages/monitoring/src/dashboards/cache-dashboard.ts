import type { DashboardSpec, PanelSpec } from './dashboard-spec.ts';
import { quantile, series, sumRate, sumRateOfSome } from './query.ts';

export const cacheDashboard: DashboardSpec = {
  key: 'cache',
  title: 'Throughline / Cache',
  question: 'Is the cache used, does it pay, and if not, why not?',
  rows: [
    { title: 'Reads', panels: reads() },
    { title: 'Entries', panels: entries() },
    { title: 'Writes and modes', panels: modes() },
  ],
};

function reads(): PanelSpec[] {
  const all = sumRate('cache_requests_total', 'namespace');
  const hits = sumRate('cache_requests_total', 'namespace', 'result=~"hit|negative"');
  return [
    {
      title: 'Reads by result',
      description:
        'Records asked of the cache per second. `bypass` and `error` are answered by PostgreSQL because Redis is away or cannot be trusted.',
      unit: 'ops',
      kind: 'stacked',
      queries: [{ expr: sumRate('cache_requests_total', 'result'), legend: '{{result}}' }],
      alerts: ['CacheBypassed'],
    },
    {
      title: 'Hit ratio by namespace',
      description: 'Share of the reads that an entry answered, one that says "absent" among them.',
      unit: 'percentunit',
      queries: [{ expr: `${hits} / ${all}`, legend: '{{namespace}}' }],
      alerts: ['CacheHitRatioDropped'],
    },
    {
      title: 'Misses by reason',
      description:
        'Per second. `absent` is ordinary, `schema_skew` belongs to a rollout, `timeout` and `untrusted` to a Redis in trouble.',
      unit: 'ops',
      kind: 'stacked',
      queries: [{ expr: sumRate('cache_misses_total', 'reason'), legend: '{{reason}}' }],
      next: 'redis',
    },
    {
      title: 'Database reads by cause',
      description: 'Reads per second that PostgreSQL had to answer.',
      unit: 'ops',
      kind: 'stacked',
      queries: [{ expr: sumRate('cache_database_reads_total', 'cause'), legend: '{{cause}}' }],
      next: 'postgres',
    },
    {
      title: 'Reads that joined a flight',
      description:
        'Per second: reads that shared the statement of another one instead of asking PostgreSQL too.',
      unit: 'ops',
      queries: [
        { expr: sumRate('cache_flights_joined_total', 'namespace'), legend: '{{namespace}}' },
      ],
    },
    {
      title: 'Share of the most read keys',
      description:
        'Share of the reads that went to each of the ten most read keys, the highest of all processes. cache.status names them.',
      unit: 'percentunit',
      queries: [
        { expr: `max by (rank) (${series('cache_hot_key_share_ratio')})`, legend: '{{rank}}' },
      ],
      alerts: ['CacheHotKey'],
    },
  ];
}

function entries(): PanelSpec[] {
  return [
    {
      title: 'Value size p95',
      description: 'Size of the values put into entries. Memory of Redis follows it.',
      unit: 'bytes',
      queries: [
        { expr: quantile(0.95, 'cache_value_bytes', 'namespace'), legend: '{{namespace}}' },
      ],
    },
    {
      title: 'Entry age p50',
      description: 'Age of the entries that answer reads. No promise rests on it.',
      unit: 's',
      queries: [
        { expr: quantile(0.5, 'cache_entry_age_seconds', 'namespace'), legend: '{{namespace}}' },
      ],
    },
    {
      title: 'Steps at the store p99',
      description: 'How long GET, LEASE, FILL, INTEND, PUBLISH and the others take at Redis.',
      unit: 's',
      queries: [
        { expr: quantile(0.99, 'cache_step_duration_seconds', 'step'), legend: '{{step}}' },
      ],
      next: 'redis',
    },
  ];
}

function modes(): PanelSpec[] {
  const states = ['active', 'draining', 'bypass'];
  const mode = states
    .map(
      (state, number) =>
        `${String(number)} * sum by (instance) (${series('cache_mode', `state="${state}"`)})`,
    )
    .join(' + ');
  return [
    {
      title: 'Mode of the cache',
      description:
        'As each process sees it. `draining` lasts for seconds; in `bypass` PostgreSQL carries everything.',
      unit: 'none',
      kind: 'timeline',
      queries: [{ expr: mode, legend: '{{instance}}' }],
      states: {
        0: { text: 'active', color: 'green' },
        1: { text: 'draining', color: 'yellow' },
        2: { text: 'bypass', color: 'red' },
      },
    },
    {
      title: 'Changes of mode',
      description: 'How often processes saw the cache enter a mode, per second.',
      unit: 'ops',
      queries: [{ expr: sumRate('cache_mode_transitions_total', 'state'), legend: '{{state}}' }],
      next: 'consistency',
    },
    {
      title: 'Writes by outcome',
      description:
        'Per second. `deferred` is committed and becomes visible through a reader or the sweep; `rejected` was rolled back.',
      unit: 'ops',
      kind: 'stacked',
      queries: [{ expr: sumRate('cache_writes_total', 'outcome'), legend: '{{outcome}}' }],
      alerts: ['CacheWritesRejected'],
    },
    {
      title: 'Share of writes whose cache step failed',
      description:
        'Writes that were refused because Redis was unreachable, or committed before PUBLISH.',
      unit: 'percentunit',
      queries: [
        {
          expr: `${sumRateOfSome('product_write_duration_seconds_count', 'job', 'cache_success="false"')} / ${sumRate('product_write_duration_seconds_count', 'job')}`,
          legend: '{{job}}',
        },
      ],
      alerts: ['CacheFailureRateHigh'],
    },
    {
      title: 'Entries loaded by the warm-up',
      description: 'Of the last warm-up of each process.',
      unit: 'short',
      queries: [{ expr: series('cache_warmed_entries'), legend: '{{instance}}' }],
    },
    {
      title: 'How long the warm-up took',
      description: 'Of each process; it is given ten seconds.',
      unit: 's',
      queries: [{ expr: series('cache_warm_duration_seconds'), legend: '{{instance}}' }],
    },
  ];
}
