import { sloWindows } from '../slo-rules.ts';
import { slos, type Slo } from '../slos.ts';
import type { DashboardSpec, PanelSpec } from './dashboard-spec.ts';
import { recorded } from './query.ts';

/** The budgets of the objectives. Everything here is recorded by rules: a rate over thirty days is too dear to ask for. */
export const sloDashboard: DashboardSpec = {
  key: 'slo',
  title: 'Throughline / SLO',
  question: 'Do we keep our promises to callers, and how much may still go wrong this month?',
  rows: [
    { title: 'Budgets', panels: budgets() },
    { title: 'Burn by window', panels: slos.map(burnPanel) },
  ],
};

function budgets(): PanelSpec[] {
  const left = [{ expr: recorded('slo:budget_left:ratio'), legend: '{{slo}}' }];
  return [
    {
      title: 'Error budget left',
      description:
        'What is left of the failures that each objective allows within thirty days. Below zero the objective is missed.',
      unit: 'percentunit',
      kind: 'stat',
      queries: left,
    },
    {
      title: 'Error budget left over time',
      description: 'A steep fall is an incident, a steady one a fault that nobody looks after.',
      unit: 'percentunit',
      queries: left,
    },
    {
      title: 'Share of bad events, one hour',
      description:
        'Of all events of the last hour, those that count against the objective. A line that ends has no events.',
      unit: 'percentunit',
      queries: [{ expr: recorded('slo:error_ratio:rate1h'), legend: '{{slo}}' }],
      next: 'service',
    },
    {
      title: 'Events that are counted',
      description:
        'Per second over five minutes. An objective without events is not measured, and none of its other alerts can fire.',
      unit: 'eps',
      queries: [{ expr: recorded('slo:events:rate5m'), legend: '{{slo}}' }],
      alerts: slos.filter(({ dashboard }) => dashboard === 'slo').map((slo) => slo.unmeasuredAlert),
    },
  ];
}

function burnPanel(slo: Slo): PanelSpec {
  return {
    title: `${slo.title}: burn`,
    description: `How many times faster than thirty days allow the budget is spent, by window. 1 spends it exactly; above 14.4 for an hour, or above 6 for six hours, somebody is woken. Bad is: ${slo.badEvents}.`,
    unit: 'none',
    width: 12,
    queries: sloWindows.map((window) => ({
      expr: recorded(`slo:burn:rate${window}`, `slo="${slo.name}"`),
      legend: window,
    })),
    ...(slo.dashboard === 'slo' ? { alerts: [slo.burnAlert] } : { next: slo.dashboard }),
  };
}
