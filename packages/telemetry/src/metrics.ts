import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import { metricTable, type MetricLabels, type MetricName } from './metric-table.ts';

/** What one scrape answers with. */
export interface Exposition {
  readonly contentType: string;
  readonly text: string;
}

/** The metrics of one process. */
export interface Metrics {
  /** Adds one observation, in the unit that the metric's name ends with. */
  observe<Name extends MetricName>(name: Name, labels: MetricLabels<Name>, value: number): void;
  /** Everything observed so far, in Prometheus' text format. */
  expose(): Promise<Exposition>;
}

/**
 * Registers every metric of the table, and the process' default metrics, in a registry of its own, so
 * that two of them never share a number.
 */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of defaultGaugesDropped) registry.removeSingleMetric(name);
  const histograms = registerHistograms(registry);

  return {
    observe(name, labels, value) {
      histograms[name].observe(labels, value);
    },
    async expose() {
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}

/** Gauges that call themselves `_total`, a suffix that promtool keeps for counters. */
const defaultGaugesDropped = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

function registerHistograms(registry: Registry): Record<MetricName, Histogram> {
  const register = (name: MetricName) =>
    new Histogram({
      name,
      help: metricTable[name].help,
      labelNames: [...metricTable[name].labels],
      buckets: [...metricTable[name].buckets],
      registers: [registry],
    });
  return {
    product_write_duration_seconds: register('product_write_duration_seconds'),
    product_read_duration_seconds: register('product_read_duration_seconds'),
  };
}
