import { counter, nothing, series, type Scenario } from './scenario.ts';

const reads = (result: string) => series('cache_requests_total', { namespace: 'product', result });
const weekMinutes = 7 * 24 * 60;

/** Three hours in which 90 of 100 reads hit, then a week later two hours in which so many do. */
function week(hits: number, perMinute = 100): Readonly<Record<string, string>> {
  const share = perMinute / 100;
  const between = nothing(weekMinutes - 180);
  const then = (shareOfThen: number, shareOfNow: number) =>
    `${counter([180, shareOfThen * share])} ${between} ${counter([120, shareOfNow * share])}`;
  return { [reads('hit')]: then(90, hits), [reads('miss')]: then(10, 100 - hits) };
}

export const hitRatioScenarios: readonly Scenario[] = [
  {
    that: 'half of the reads hit, where it were nine of ten a week ago',
    alert: 'CacheHitRatioDropped',
    series: week(50),
    at: `${String(weekMinutes + 100)}m`,
    fires: [
      {
        rule: { severity: 'warning' },
        found: { job: 'throughline', namespace: 'product' },
        description:
          'Over the last hour, 50% of the reads of product were hits. In the same hour of last week it was much more.',
      },
    ],
  },
  {
    that: 'eight of ten reads hit',
    alert: 'CacheHitRatioDropped',
    series: week(80),
    at: `${String(weekMinutes + 100)}m`,
    fires: [],
  },
  {
    that: 'hardly anything is read',
    alert: 'CacheHitRatioDropped',
    series: week(50, 10),
    at: `${String(weekMinutes + 100)}m`,
    fires: [],
  },
];
