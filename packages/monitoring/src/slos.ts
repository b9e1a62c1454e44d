import type { Dashboard } from './dashboard-link.ts';

/** A service level objective: which share of all events must be good over thirty days. */
export interface Slo {
  readonly name: 'availability' | 'read_latency' | 'write_latency' | 'consistency';
  /** how alerts call it */
  readonly title: string;
  readonly objective: number;
  readonly burnAlert: string;
  readonly unmeasuredAlert: string;
  /** completes "…% of …" */
  readonly badEvents: string;
  readonly dashboard: Dashboard;
  /** PromQL: events per second over the window */
  readonly events: (window: string) => string;
  /** PromQL: those of them that are bad */
  readonly bad: (window: string) => string;
}

export const slos: readonly Slo[] = [
  {
    name: 'availability',
    title: 'Availability',
    objective: 0.999,
    burnAlert: 'AvailabilityBudgetBurn',
    unmeasuredAlert: 'AvailabilityUnmeasured',
    badEvents: 'all calls fail through a fault of ours',
    dashboard: 'slo',
    events: (window) => perSecond('trpc_requests_total', window),
    // While nothing has ever failed there is no series of failures, which must count as none.
    bad: (window) =>
      `(${perSecond('trpc_requests_total{error_class="server"}', window)} or 0 * ${perSecond('trpc_requests_total', window)})`,
  },
  latency({
    name: 'read_latency',
    title: 'Read latency',
    burnAlert: 'ReadLatencyBudgetBurn',
    unmeasuredAlert: 'ReadLatencyUnmeasured',
    badEvents: 'all reads take longer than 100 ms',
    metric: 'product_read_duration_seconds',
    thresholdSeconds: 0.1,
  }),
  latency({
    name: 'write_latency',
    title: 'Write latency',
    burnAlert: 'WriteLatencyBudgetBurn',
    unmeasuredAlert: 'WriteLatencyUnmeasured',
    badEvents: 'all writes take longer than 250 ms',
    metric: 'product_write_duration_seconds',
    // A write that Redis refuses takes half a second and counts as failed: not as slow as well.
    only: ['cache_success!="false"'],
    thresholdSeconds: 0.25,
  }),
  {
    name: 'consistency',
    title: 'Consistency',
    objective: 0.9999,
    burnAlert: 'ConsistencyBudgetBurn',
    unmeasuredAlert: 'ConsistencyUnmeasured',
    badEvents: 'all audited entries contradict their row',
    dashboard: 'consistency',
    events: (window) => perSecond('cache_audits_total{result=~"same|violation"}', window),
    bad: (window) => perSecond('cache_audits_total{result="violation"}', window),
  },
];

interface Latency extends Omit<Slo, 'objective' | 'dashboard' | 'events' | 'bad'> {
  readonly metric: string;
  /** matchers of the events that count, where not all do */
  readonly only?: readonly string[];
  /** an edge of the histogram's buckets */
  readonly thresholdSeconds: number;
}

function latency({ metric, only = [], thresholdSeconds, ...slo }: Latency): Slo {
  const events = (window: string) => perSecond(`${metric}_count${matching(only)}`, window);
  const quick = [`le="${String(thresholdSeconds)}"`, ...only];
  const good = (window: string) => perSecond(`${metric}_bucket${matching(quick)}`, window);
  return {
    ...slo,
    objective: 0.99,
    dashboard: 'slo',
    events,
    bad: (window) => `(${events(window)} - ${good(window)})`,
  };
}

function perSecond(selector: string, window: string): string {
  return `sum by (job) (rate(${selector}[${window}]))`;
}

function matching(matchers: readonly string[]): string {
  return matchers.length === 0 ? '' : `{${matchers.join(',')}}`;
}
