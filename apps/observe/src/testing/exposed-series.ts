import { type MetricDefinition, seriesMax } from '@throughline/telemetry/metric-definition';
import { metricTable } from '@throughline/telemetry/metric-table';

/** The series of one metric in one process: how many there are, and how many the table allows. */
export interface SeriesCount {
  readonly metric: string;
  readonly seen: number;
  readonly most: number;
}

/** Counts the samples of an exposition by metric of the table, and in all. */
export function countSeries(exposition: string): {
  readonly byMetric: readonly SeriesCount[];
  readonly total: number;
} {
  const names = exposition.split('\n').flatMap((line) => /^([a-z_]\w*)[{ ]/.exec(line)?.[1] ?? []);
  const byMetric = table.map(([metric, definition]) => ({
    metric,
    seen: names.filter((name) => samplesOf(metric, definition).includes(name)).length,
    most: seriesMax(definition),
  }));
  return { byMetric, total: names.length };
}

/** Values of labels that the table does not have, and labels with more values than it allows. */
export function strangeLabels(exposition: string): string[] {
  return table.flatMap(([metric, definition]) => {
    const names = samplesOf(metric, definition);
    const lines = exposition.split('\n').filter((line) => names.includes(line.split('{')[0] ?? ''));
    return Object.entries(definition.labels).flatMap(([label, allowed]) => {
      const pattern = new RegExp(`[{,]${label}="([^"]*)"`);
      const values = new Set(lines.map((line) => pattern.exec(line)?.[1] ?? 'none at all'));
      if ('valuesMax' in allowed) {
        return values.size > allowed.valuesMax
          ? [`${metric}: ${String(values.size)} of ${label}`]
          : [];
      }
      return [...values]
        .filter((value) => !allowed.includes(value))
        .map((value) => `${metric}: ${label}="${value}"`);
    });
  });
}

const table: [string, MetricDefinition][] = Object.entries(metricTable);

/** The names of a metric's samples. */
function samplesOf(metric: string, { type }: MetricDefinition): string[] {
  return type === 'histogram' ? [`${metric}_bucket`, `${metric}_sum`, `${metric}_count`] : [metric];
}
