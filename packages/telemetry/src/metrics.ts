import { collectDefaultMetrics } from 'prom-client';
import {
  createMetricSet,
  type MetricSet,
  type MetricSetOptions,
  newRegistry,
  type ScrapeSize,
  type Sources,
} from './metric-set.ts';
import { metricTable, type MetricsOfService } from './metric-table.ts';
import { type Build, type ProcessMetricName, processSources } from './process-sources.ts';
import { silentSources } from './silent-sources.ts';

/** The metrics of one process. */
export type Metrics = MetricSet<MetricsOfService>;

/** Where the metrics of the service that are asked at every scrape come from. */
export type ServiceSources = Omit<Sources<MetricsOfService>, ProcessMetricName>;

export interface MetricsOptions extends Pick<MetricSetOptions<MetricsOfService>, 'currentSpan'> {
  /** Left out, the service has nothing to tell. */
  readonly sources?: ServiceSources;
  readonly build?: Build;
  /** What the previous scrape was like, where somebody else exposes these metrics among others. */
  readonly lastScrape?: () => ScrapeSize | undefined;
}

/**
 * Registers every metric of the table, and the default metrics of the process, in a registry of its
 * own, so that two of them never share a number.
 */
export function createMetrics(options: MetricsOptions = {}): Metrics {
  const { sources = silentSources, build = unknownBuild, currentSpan } = options;
  const { lastScrape: told = () => lastScrape } = options;
  const registry = newRegistry();
  let lastScrape: ScrapeSize | undefined;
  const metrics = createMetricSet(metricTable, {
    registry,
    sources: { ...sources, ...processSources(build, told) },
    currentSpan,
    onExposed: (size) => {
      lastScrape = size;
    },
  });
  collectDefaultMetrics({ register: registry });
  for (const name of defaultGaugesDropped) registry.removeSingleMetric(name);
  return metrics;
}

const unknownBuild: Build = { version: 'unknown', commit: 'unknown' };

/** Gauges that call themselves `_total`, a suffix that promtool keeps for counters. */
const defaultGaugesDropped = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];
