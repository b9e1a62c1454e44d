import { slos, type Slo } from '../slos.ts';
import { counter, gauge, job, series, type FiringAlert, type Scenario } from './scenario.ts';

/** How many times too fast the budget burns, phase by phase; good days first, so that long windows are full. */
const timeline = [
  { minutes: 72 * 60, burn: 0 },
  { minutes: 80, burn: 20 },
  { minutes: 60, burn: 0 },
  { minutes: 6 * 60, burn: 7 },
  { minutes: 12 * 60, burn: 0 },
  { minutes: 60 * 60, burn: 2 },
  { minutes: 24 * 60, burn: 4 },
  { minutes: 8 * 60, burn: 0 },
];

const eventsPerMinute = 10_000;

/** promtool reads half as much, and a rate over five minutes still has its two samples. */
const minutesBetween = 2;
export const storyInterval = `${String(minutesBetween)}m`;

const minutesMax = timeline.reduce((sum, { minutes }) => sum + minutes, 0);

const story: Readonly<Record<string, string>> = Object.fromEntries(
  slos.flatMap((slo) => Object.entries(storyOf(slo))),
);

/** One long story, looked at again and again; every look is at an evaluation twenty minutes after another. */
export const sloStory: readonly Scenario[] = slos.flatMap((slo) => {
  const look = (that: string, at: string, fires: readonly FiringAlert[]): Scenario => ({
    that,
    alert: slo.burnAlert,
    series: story,
    at,
    fires,
  });
  return [
    look('nothing bad has happened for three days', '4320m', []),
    look('twenty bad minutes are not yet an hour', '4340m', []),
    look('an hour burns at 20 times', '4400m', [burn(slo, 'critical', '1h', '20.0')]),
    look('the hour is over, though it still weighs', '4420m', []),
    look('six hours burn at 7 times', '4820m', [burn(slo, 'critical', '6h', '7.0')]),
    look('days burn at twice the rate', '9140m', [burn(slo, 'warning', '3d', '1.7')]),
    look('a day burns at four times the rate', '10580m', [
      burn(slo, 'warning', '1d', '4.0'),
      burn(slo, 'warning', '3d', '2.7'),
    ]),
    look('it has been good for seven hours', '11000m', []),
  ];
});

/** What happens within minutes. */
export const sloScenarios: readonly Scenario[] = [
  ...slos.flatMap(shortScenariosOf),
  {
    that: 'Write latency: half of the writes are refused after half a second, and the others are quick',
    alert: 'WriteLatencyBudgetBurn',
    series: {
      ...writesOf('true', { all: counter([90, 50]), quick: counter([90, 50]) }),
      ...writesOf('false', { all: counter([90, 50]), quick: counter([90, 0]) }),
    },
    at: '80m',
    fires: [],
  },
];

function writesOf(cacheSuccess: string, { all, quick }: { all: string; quick: string }) {
  const labels = { operation: 'updatePrice', cache_success: cacheSuccess };
  return {
    [series('product_write_duration_seconds_count', labels)]: all,
    [series('product_write_duration_seconds_bucket', { ...labels, le: '0.25' })]: quick,
  };
}

function shortScenariosOf(slo: Slo): Scenario[] {
  return [
    {
      that: `${slo.title}: the only event every two minutes is bad`,
      alert: slo.burnAlert,
      series: seriesOf(slo, {
        good: '0x90',
        bad: Array.from({ length: 91 }, (_, minute) => Math.floor(minute / 2)).join(' '),
      }),
      at: '80m',
      fires: [],
    },
    {
      that: `${slo.title}: there is nothing to measure`,
      alert: slo.unmeasuredAlert,
      series: {},
      at: '11m',
      fires: [
        {
          rule: { severity: 'warning', slo: slo.name },
          found: { job },
          description: `Prometheus has no series of the job throughline to measure this objective with, so none of its alerts can fire.`,
        },
      ],
    },
    {
      that: `${slo.title}: it is measured`,
      alert: slo.unmeasuredAlert,
      series: seriesOf(slo, { good: counter([30, 5]), bad: counter([30, 0]) }),
      at: '20m',
      fires: [],
    },
  ];
}

/** A fifth of the events is bad for hours, of every objective: so much is every ratio. */
export const steadySeries: Readonly<Record<string, string>> = Object.fromEntries(
  slos.flatMap((slo) =>
    Object.entries(seriesOf(slo, { good: counter([600, 80]), bad: counter([600, 20]) })),
  ),
);

function storyOf(slo: Slo): Readonly<Record<string, string>> {
  const phases = timeline.map(({ minutes, burn: factor }) => {
    const bad = badPerMinute(slo, factor);
    return { samples: minutes / minutesBetween, bad: bad * minutesBetween };
  });
  const events = eventsPerMinute * minutesBetween;
  return seriesOf(slo, {
    good: counter(...phases.map(({ samples, bad }) => [samples, events - bad] as const)),
    bad: counter(...phases.map(({ samples, bad }) => [samples, bad] as const)),
  });
}

function badPerMinute(slo: Slo, factor: number): number {
  return Math.round(eventsPerMinute * (1 - slo.objective) * factor);
}

/** Events as the metrics of each objective show them. */
function seriesOf(
  slo: Slo,
  events: { good: string; bad: string },
): Readonly<Record<string, string>> {
  switch (slo.name) {
    case 'availability': {
      const call = { operation: 'byId', type: 'query' };
      return {
        [series('trpc_requests_total', { ...call, code: 'OK', error_class: 'none' })]: events.good,
        [series('trpc_requests_total', { ...call, code: 'INTERNAL', error_class: 'server' })]:
          events.bad,
      };
    }
    case 'read_latency':
      return latency('product_read_duration_seconds', '0.1', events);
    case 'write_latency':
      return latency('product_write_duration_seconds', '0.25', events);
    case 'consistency':
      return {
        [series('cache_audits_total', { result: 'same' })]: events.good,
        [series('cache_audits_total', { result: 'violation' })]: events.bad,
      };
  }
}

/** Quick ones under one operation and slow ones under another, so that sums add up. */
function latency(metric: string, le: string, { good, bad }: { good: string; bad: string }) {
  const quick = { operation: 'quick', cache_success: 'true' };
  const slow = { operation: 'slow', cache_success: 'true' };
  return {
    [series(`${metric}_bucket`, { ...quick, le })]: good,
    [series(`${metric}_count`, quick)]: good,
    [series(`${metric}_bucket`, { ...slow, le })]: gauge([minutesMax, 0]),
    [series(`${metric}_count`, slow)]: bad,
  };
}

function burn(slo: Slo, severity: string, window: string, factor: string): FiringAlert {
  const budget = `${String(Number(((1 - slo.objective) * 100).toPrecision(6)))} %`;
  const spent = {
    '1h': '14.4 times the allowed rate, 2 % of the budget is gone in an hour',
    '6h': '6 times the allowed rate, 5 % of the budget is gone in six hours',
    '1d': '3 times the allowed rate, 10 % of the budget is gone in a day',
    '3d': 'the allowed rate, 10 % of the budget is gone in three days',
  }[window];
  return {
    rule: { severity, window },
    found: { job },
    description: `Over ${window}, ${factor} times as much went wrong as is allowed (allowed: ${budget} of ${slo.badEvents}). At ${spent ?? ''}.`,
  };
}
