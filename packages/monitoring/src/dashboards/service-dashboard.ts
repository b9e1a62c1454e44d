import type { DashboardSpec, PanelSpec } from './dashboard-spec.ts';
import { mean, quantile, rate, series, sumRate } from './query.ts';

const read = 'product_read_duration_seconds';
const write = 'product_write_duration_seconds';

export const serviceDashboard: DashboardSpec = {
  key: 'service',
  title: 'Throughline / Service',
  question: 'What do callers experience: how much, how fast, how often does it fail?',
  rows: [
    { title: 'Calls', panels: calls() },
    { title: 'Latency', panels: [...latencies('Reads', read), ...latencies('Writes', write)] },
    { title: 'Spread', panels: spread() },
    { title: 'Load', panels: load() },
  ],
};

function calls(): PanelSpec[] {
  const all = sumRate('trpc_requests_total', 'job');
  const failed = (who: string) =>
    `${sumRate('trpc_requests_total', 'job', `error_class="${who}"`)} / ${all}`;
  return [
    {
      title: 'Calls by procedure',
      description: 'Calls answered per second. A batch of ten is ten calls.',
      unit: 'reqps',
      queries: [{ expr: sumRate('trpc_requests_total', 'operation'), legend: '{{operation}}' }],
    },
    {
      title: 'Errors by code',
      description:
        'Calls per second that were answered with an error. NOT_FOUND and CONFLICT are the caller’s; INTERNAL_SERVER_ERROR and SERVICE_UNAVAILABLE are ours.',
      unit: 'reqps',
      kind: 'stacked',
      queries: [
        {
          expr: sumRate('trpc_requests_total', 'code', 'error_class!="none"'),
          legend: '{{code}}',
        },
      ],
    },
    {
      title: 'Share of calls that fail',
      description:
        'By whose fault it was. The objective allows one in a thousand calls to fail by ours.',
      unit: 'percentunit',
      queries: [
        { expr: failed('server'), legend: 'ours' },
        { expr: failed('client'), legend: 'the caller’s' },
      ],
      next: 'slo',
    },
  ];
}

function latencies(who: string, metric: string): PanelSpec[] {
  return ([0.5, 0.95, 0.99] as const).map((level) => ({
    title: `${who} p${String(level * 100)}`,
    description: `By the end of the cache step (cache_success): true, false where the cache failed, none where it was not asked. ${String(Math.round((1 - level) * 100))} % take longer.`,
    unit: 's',
    queries: [
      { expr: quantile(level, metric, 'cache_success'), legend: 'cache_success {{cache_success}}' },
    ],
  }));
}

function spread(): PanelSpec[] {
  return [heatmap('Reads', read), heatmap('Writes', write)];
}

function heatmap(who: string, metric: string): PanelSpec {
  return {
    title: `${who}: how long they take`,
    description:
      'How many calls took how long. Each dot is one call that was traced: a click leads to its trace.',
    unit: 's',
    kind: 'heatmap',
    width: 12,
    queries: [{ expr: sumRate(`${metric}_bucket`, 'le'), legend: '{{le}}' }],
  };
}

function load(): PanelSpec[] {
  const hits = sumRate('cache_requests_total', 'job', 'result=~"hit|negative"');
  return [
    {
      title: 'Database time that hits save',
      description:
        'An estimate: seconds of PostgreSQL per second that would be used if every hit were one statement of mean duration. 3 means three connections busy all the time.',
      unit: 'short',
      queries: [
        {
          expr: `${hits} * (${mean('db_query_duration_seconds', 'job', 'outcome="ok"')})`,
          legend: '{{job}}',
        },
      ],
      next: 'cache',
    },
    {
      title: 'Batch size p95',
      description: 'How many calls one HTTP request carries. The limit is 100.',
      unit: 'short',
      queries: [{ expr: quantile(0.95, 'trpc_batch_size'), legend: 'calls' }],
    },
    {
      title: 'Calls in flight',
      description:
        'Calls that have begun and not ended. If it grows while the rate does not, something waits.',
      unit: 'short',
      queries: [{ expr: series('trpc_requests_in_flight'), legend: '{{instance}}' }],
      next: 'runtime',
    },
    {
      title: 'Subscriptions',
      description: 'That are told of changes. One process serves 2,000 of them.',
      unit: 'short',
      queries: [{ expr: series('change_followers'), legend: '{{instance}}' }],
    },
    {
      title: 'HTTP requests refused',
      description:
        'Per second and by reason, before a procedure was called. `auth` is a bad token, `malformed` no call at all, `overload` came while the process had too much to do.',
      unit: 'reqps',
      queries: [{ expr: `sum by (reason) (${rate('http_rejected_total')})`, legend: '{{reason}}' }],
      alerts: ['LoadShed'],
    },
    {
      title: 'Processes that answer Prometheus',
      description: 'Of every job, the exporters among them; 0 is one that cannot be scraped.',
      unit: 'bool_yes_no',
      kind: 'timeline',
      queries: [{ expr: series('up'), legend: '{{job}} {{instance}}' }],
      states: { 0: { text: 'down', color: 'red' }, 1: { text: 'up', color: 'green' } },
      alerts: ['TargetDown'],
    },
    {
      title: 'Versions that run',
      description: 'How many processes run which version; two of them during a rollout.',
      unit: 'short',
      queries: [
        {
          expr: `count by (version, commit) (${series('app_build_info')})`,
          legend: '{{version}} {{commit}}',
        },
      ],
    },
  ];
}
