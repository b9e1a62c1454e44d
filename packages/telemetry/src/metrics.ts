import { collectDefaultMetrics, Registry, type OpenMetricsContentType } from 'prom-client';
import { fedMetrics, type FedMetrics } from './awaited-metrics.ts';
import { createMetricSet, type MetricSet, type MetricSetOptions } from './metric-set.ts';

/** The metrics of one process. */
export type Metrics = MetricSet<FedMetrics>;

/** Where the metrics that are asked at every scrape come from, and the span of whoever observes. */
export type MetricsOptions = Omit<MetricSetOptions<FedMetrics>, 'registry'>;

/**
 * Registers every metric that something feeds, and the default metrics of the process, in a registry of its
 * own, so that two of them never share a number.
 */
export function createMetrics({ sources, currentSpan }: MetricsOptions = { sources: {} }): Metrics {
  const registry = new Registry<OpenMetricsContentType>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  const metrics = createMetricSet(fedMetrics, { registry, sources, currentSpan });
  collectDefaultMetrics({ register: registry });
  for (const name of defaultGaugesDropped) registry.removeSingleMetric(name);
  return metrics;
}

/** Gauges that call themselves `_total`, a suffix that promtool keeps for counters. */
const defaultGaugesDropped = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];
