import { metricTable, type MetricName } from './metric-table.ts';

/**
 * The metrics that nothing feeds yet. They have a name, so that rules can be written, and are not
 * exposed: a counter that stays at zero because nobody counts is a lie. To feed one, take it out here. Then
 * `Metrics` has it, and if it is scraped, `createMetrics` does not compile without its source.
 */
export const awaitedMetrics = [] as const satisfies readonly MetricName[];

type FedName = Exclude<MetricName, (typeof awaitedMetrics)[number]>;

/** The metrics that are exposed. */
export const fedMetrics = withoutAwaited();

export type FedMetrics = Pick<typeof metricTable, FedName>;

function withoutAwaited(): FedMetrics {
  const table: Partial<Record<MetricName, unknown>> & FedMetrics = { ...metricTable };
  for (const name of awaitedMetrics) delete table[name];
  return table;
}
