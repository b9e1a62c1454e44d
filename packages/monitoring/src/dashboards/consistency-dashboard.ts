import type { DashboardSpec, PanelSpec } from './dashboard-spec.ts';
import { quantile, series, sumRate } from './query.ts';

export const consistencyDashboard: DashboardSpec = {
  key: 'consistency',
  title: 'Throughline / Consistency',
  question: 'Does the cache tell the truth, how sure is that, and how soon after a COMMIT?',
  rows: [
    { title: 'The auditor', panels: audits() },
    { title: 'From COMMIT to visible', panels: visibility() },
    { title: 'What trust rests on', panels: trust() },
    { title: 'Changes made past the service', panels: outbox() },
  ],
};

function audits(): PanelSpec[] {
  const last = series('cache_audit_last_success_timestamp_seconds');
  return [
    {
      title: 'Wrong entries found',
      description:
        'Entries that contradicted their row, within the time shown. Anything but 0 is an incident: readers got wrong answers.',
      unit: 'short',
      kind: 'stat',
      queries: [{ expr: audited('violation'), legend: '{{job}}' }],
      thresholds: [{ from: 0.001, color: 'red' }],
      alerts: ['CacheStaleReadDetected'],
    },
    {
      title: 'At most this share is wrong, 95 % sure',
      description:
        'The upper bound of the share of wrong entries, from what was audited within the time shown (Poisson, after Wilson and Hilferty). Without any found it is about 3 divided by the entries audited: a longer time shows a smaller bound.',
      unit: 'percentunit',
      kind: 'stat',
      queries: [
        {
          expr: `${upperBound(`(${audited('violation')} + 1)`)} / ${audited('same|violation')}`,
          legend: '{{job}}',
        },
      ],
      alerts: ['ConsistencyBudgetBurn'],
      next: 'slo',
    },
    {
      title: 'Audits by verdict',
      description:
        'Entries compared with their rows per second. Without any, nobody would notice a wrong one.',
      unit: 'ops',
      queries: [{ expr: sumRate('cache_audits_total', 'result'), legend: '{{result}}' }],
      alerts: ['ConsistencyUnmeasured'],
    },
    {
      title: 'Since the last judged entry',
      description: 'Of each process. It grows where nothing is read, which is no fault.',
      unit: 's',
      queries: [{ expr: `time() - max by (instance) (${last})`, legend: '{{instance}}' }],
      alerts: ['CacheAuditStalled'],
    },
  ];
}

/** Entries audited with these verdicts within the time shown. */
function audited(result: string): string {
  return `sum by (job) (increase(${series('cache_audits_total', `result=~"${result}"`)}[$__range]))`;
}

/** Of the mean that Poisson's distribution may have, given one less than `plusOne` events, at 95 %. */
function upperBound(plusOne: string): string {
  return `${plusOne} * (1 - 1 / (9 * ${plusOne}) + 1.645 / (3 * sqrt${plusOne})) ^ 3`;
}

function visibility(): PanelSpec[] {
  return [
    {
      title: 'COMMIT to visible p99',
      description:
        'Time from COMMIT until the entry holds what was written. Until then its readers are answered by PostgreSQL, so they are not stale.',
      unit: 's',
      queries: [
        {
          expr: quantile(0.99, 'cache_commit_to_visible_seconds', 'namespace'),
          legend: '{{namespace}}',
        },
      ],
    },
    {
      title: 'Pending entries',
      description: 'Entries with a write under way, of all processes.',
      unit: 'short',
      queries: [{ expr: `max by (job) (${series('cache_pending_entries')})`, legend: '{{job}}' }],
    },
    {
      title: 'Oldest pending entry',
      description: 'It should be settled within seconds, by its writer, a reader or the sweep.',
      unit: 's',
      queries: [
        { expr: `max by (job) (${series('cache_oldest_pending_seconds')})`, legend: '{{job}}' },
      ],
      alerts: ['CachePendingOld'],
    },
    {
      title: 'Entries settled by others',
      description:
        'Pending entries per second that somebody else than their writer settled: a read, or the sweep. Many of them mean that writers die.',
      unit: 'ops',
      queries: [{ expr: sumRate('cache_resolved_total', 'cause'), legend: '{{cause}}' }],
    },
  ];
}

function trust(): PanelSpec[] {
  return [
    {
      title: 'Epoch',
      description:
        'The number that each process knows. It steps up after Redis was lost or reset, for all of them at once.',
      unit: 'none',
      width: 12,
      queries: [{ expr: series('cache_epoch'), legend: '{{instance}}' }],
      next: 'cache',
    },
    {
      title: 'Trust lease left',
      description:
        'How long each process may still believe the epoch row. At 0 its reads go past the cache: PostgreSQL does not answer in time.',
      unit: 's',
      width: 12,
      queries: [{ expr: series('cache_trust_lease_remaining_seconds'), legend: '{{instance}}' }],
      next: 'postgres',
    },
  ];
}

function outbox(): PanelSpec[] {
  return [
    {
      title: 'Changes that wait',
      description: 'Changes made by psql or other programs that are not yet applied to the cache.',
      unit: 'short',
      width: 12,
      queries: [{ expr: `max by (job) (${series('cache_outbox_backlog')})`, legend: '{{job}}' }],
    },
    {
      title: 'Age of the oldest change that waits',
      description: 'So old an answer may be where rows are changed past the service.',
      unit: 's',
      width: 12,
      queries: [
        { expr: `max by (job) (${series('cache_outbox_lag_seconds')})`, legend: '{{job}}' },
      ],
      alerts: ['CacheOutboxLag'],
    },
  ];
}
