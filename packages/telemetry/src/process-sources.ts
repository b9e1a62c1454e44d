import { performance } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { ScrapeSize, Sources } from './metric-set.ts';
import type { MetricsOfService } from './metric-table.ts';
import { runningTracing } from './running-tracing.ts';

/** What runs. */
export interface Build {
  readonly version: string;
  /** `unknown` where nobody said it. */
  readonly commit: string;
}

/** The metrics of any process, whatever it serves. */
export type ProcessMetricName =
  | 'nodejs_eventloop_utilization_ratio'
  | 'nodejs_heap_size_limit_bytes'
  | 'telemetry_spans_total'
  | 'telemetry_scrape_duration_seconds'
  | 'telemetry_series'
  | 'app_build_info';

export function processSources(
  build: Build,
  lastScrape: () => ScrapeSize | undefined,
): Pick<Sources<MetricsOfService>, ProcessMetricName> {
  let since = performance.eventLoopUtilization();
  return {
    nodejs_eventloop_utilization_ratio: () => {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, since);
      since = now;
      return reading(utilization);
    },
    nodejs_heap_size_limit_bytes: () => reading(getHeapStatistics().heap_size_limit),
    telemetry_spans_total: () => {
      const { exported, dropped } = runningTracing()?.counts ?? { exported: 0, dropped: 0 };
      return [
        { labels: { outcome: 'exported' }, value: exported },
        { labels: { outcome: 'dropped' }, value: dropped },
      ];
    },
    telemetry_scrape_duration_seconds: () => reading(lastScrape()?.seconds),
    telemetry_series: () => reading(lastScrape()?.series),
    app_build_info: () => [{ labels: { ...build }, value: 1 }],
  };
}

/** Of a metric without labels; none where there is no number. */
export function reading(value: number | null | undefined) {
  return typeof value === 'number' ? [{ labels: {}, value }] : [];
}
