import { metricTable } from '@throughline/telemetry/metric-table';

/** The window of every rate: Grafana makes it fit the zoom and the interval of scrapes. */
export const rateWindow = '$__rate_interval';

/** A metric, of what the variables above the panels select; `matchers` narrows it further. */
export function series(metric: string, matchers = ''): string {
  const scope = ['job=~"$job"', 'instance=~"$instance"'];
  if (hasOperation(metric)) scope.push('operation=~"$operation"');
  if (matchers !== '') scope.push(matchers);
  return `${metric}{${scope.join(',')}}`;
}

/** What a recording rule recorded: it has summed up the instances, so only the job can be selected. */
export function recorded(record: string, matchers = ''): string {
  return `${record}{${['job=~"$job"', matchers].filter((part) => part !== '').join(',')}}`;
}

/** A counter, or a part of a histogram, by the second. */
export function rate(metric: string, matchers = ''): string {
  return `rate(${series(metric, matchers)}[${rateWindow}])`;
}

/** The rates of all series that agree in the labels, added up. */
export function sumRate(metric: string, by: string, matchers = ''): string {
  return `sum by (${by}) (${rate(metric, matchers)})`;
}

/**
 * The same of what seldom happens to some of them: 0 where it never did. A histogram has no series of a failure before the
 * first one, unlike a counter, as each costs so many.
 */
export function sumRateOfSome(metric: string, by: string, matchers: string): string {
  return `(${sumRate(metric, by, matchers)} or 0 * ${sumRate(metric, by)})`;
}

/** How long, or how much, the slowest of all observations but a share of 1 - `quantile` were at most. */
export function quantile(level: 0.5 | 0.95 | 0.99, metric: string, by = '', matchers = ''): string {
  const labels = by === '' ? 'le' : `${by}, le`;
  return `histogram_quantile(${String(level)}, ${sumRate(`${metric}_bucket`, labels, matchers)})`;
}

/** The mean of a histogram. */
export function mean(metric: string, by: string, matchers = ''): string {
  return `${sumRate(`${metric}_sum`, by, matchers)} / ${sumRate(`${metric}_count`, by, matchers)}`;
}

function hasOperation(metric: string): boolean {
  const base = metric.replace(/_(bucket|count|sum)$/, '');
  const table: Readonly<Record<string, { readonly labels: object }>> = metricTable;
  return Object.hasOwn(table[metric]?.labels ?? table[base]?.labels ?? {}, 'operation');
}
