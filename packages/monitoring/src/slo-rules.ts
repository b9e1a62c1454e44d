import type { Durations } from './durations.ts';
import type { AlertingRule, RecordingRule, RuleGroup } from './rule.ts';
import { serviceJob } from './settings.ts';
import { slos, type Slo } from './slos.ts';

export const sloWindows = ['5m', '30m', '1h', '2h', '6h', '1d', '3d', '30d'] as const;
type SloWindow = (typeof sloWindows)[number];

/** From here on, a window averages the rates of five minutes instead of reading every sample again. */
const averagedFrom: SloWindow = '1d';

/** Fewer events in a window than this say nothing: one failure at night must not wake anybody. */
export const eventsMin = 100;

interface Burn {
  /** how many times faster than allowed the budget is spent */
  readonly factor: number;
  readonly long: SloWindow;
  /** has to burn as well, so that the alert ends soon after the trouble does */
  readonly short: SloWindow;
  readonly severity: 'critical' | 'warning';
  /** Over which the floor of events is looked at. A rate averaged over days would count days that were not measured. */
  readonly floor: SloWindow;
  /** what of the budget of thirty days is gone when the long window is full of it */
  readonly spent: string;
  readonly within: string;
}

const burns: readonly Burn[] = [
  {
    factor: 14.4,
    long: '1h',
    short: '5m',
    floor: '1h',
    severity: 'critical',
    spent: '2 %',
    within: 'in an hour',
  },
  {
    factor: 6,
    long: '6h',
    short: '30m',
    floor: '6h',
    severity: 'critical',
    spent: '5 %',
    within: 'in six hours',
  },
  {
    factor: 3,
    long: '1d',
    short: '2h',
    floor: '6h',
    severity: 'warning',
    spent: '10 %',
    within: 'in a day',
  },
  {
    factor: 1,
    long: '3d',
    short: '6h',
    floor: '6h',
    severity: 'warning',
    spent: '10 %',
    within: 'in three days',
  },
];

/** Recording rules and alerts of every objective. */
export function sloRuleGroups(durations: Durations): RuleGroup[] {
  return slos.map((slo) => ({
    name: `slo-${slo.name.replace('_', '-')}`,
    rules: [
      ...sloWindows.flatMap((window) => windowRules(slo, window, durations)),
      budgetLeft(slo),
      ...burns.map((burn) => burnAlert(slo, burn, durations)),
      unmeasuredAlert(slo),
    ],
  }));
}

function windowRules(slo: Slo, window: SloWindow, durations: Durations): RecordingRule[] {
  const labels = { slo: slo.name };
  const selector = selectorOf(slo);
  const span = durations.text(window);
  const averaged = sloWindows.indexOf(window) >= sloWindows.indexOf(averagedFrom);
  const events = averaged
    ? `avg_over_time(slo:events:rate5m${selector}[${span}])`
    : slo.events(span);
  const bad = averaged ? `avg_over_time(slo:bad_events:rate5m${selector}[${span}])` : slo.bad(span);
  const budget = String(budgetOf(slo));
  return [
    { record: `slo:events:rate${window}`, labels, expr: events },
    { record: `slo:bad_events:rate${window}`, labels, expr: bad },
    {
      record: `slo:error_ratio:rate${window}`,
      labels,
      expr: `slo:bad_events:rate${window}${selector} / slo:events:rate${window}${selector}`,
    },
    {
      record: `slo:burn:rate${window}`,
      labels,
      expr: `slo:error_ratio:rate${window}${selector} / ${budget}`,
    },
  ];
}

function budgetLeft(slo: Slo): RecordingRule {
  return {
    record: 'slo:budget_left:ratio',
    labels: { slo: slo.name },
    expr: `1 - slo:burn:rate30d${selectorOf(slo)}`,
  };
}

function burnAlert(slo: Slo, burn: Burn, durations: Durations): AlertingRule {
  const selector = selectorOf(slo);
  const { factor, long, short, floor, severity } = burn;
  const events = `slo:events:rate${floor}${selector} * ${String(durations.seconds(floor))}`;
  return {
    alert: slo.burnAlert,
    severity,
    component: 'slo',
    for: severity === 'critical' ? '2m' : '15m',
    labels: { slo: slo.name, window: long },
    expr: `slo:burn:rate${long}${selector} > ${String(factor)} and slo:burn:rate${short}${selector} > ${String(factor)} and ${events} >= ${String(eventsMin)}`,
    summary: `${slo.title}: the error budget is spent ${factor === 1 ? 'faster than' : `more than ${String(factor)} times as fast as`} it comes back.`,
    description: `Over ${long}, {{ printf "%.1f" $value }} times as much went wrong as is allowed (allowed: ${percent(budgetOf(slo))} of ${slo.badEvents}). At ${factor === 1 ? '' : `${String(factor)} times `}the allowed rate, ${burn.spent} of the budget is gone ${burn.within}.`,
    dashboard: slo.dashboard,
  };
}

function unmeasuredAlert(slo: Slo): AlertingRule {
  return {
    alert: slo.unmeasuredAlert,
    severity: 'warning',
    component: 'slo',
    for: '10m',
    labels: { slo: slo.name },
    expr: `absent(slo:events:rate5m{slo="${slo.name}",job="${serviceJob}"})`,
    summary: `${slo.title} is not measured.`,
    description: `Prometheus has no series of the job ${serviceJob} to measure this objective with, so none of its alerts can fire.`,
    dashboard: slo.dashboard,
  };
}

function selectorOf(slo: Slo): string {
  return `{slo="${slo.name}"}`;
}

/** Written as what a human would write: 1 - 0.999 is not 0.001 to a computer. */
function budgetOf(slo: Slo): number {
  return Number((1 - slo.objective).toPrecision(6));
}

function percent(ratio: number): string {
  return `${String(Number((ratio * 100).toPrecision(6)))} %`;
}
