import { createDurations } from './durations.ts';
import { generatedYaml } from './generated-yaml.ts';
import type { MonitoringSettings } from './settings.ts';

/** prometheus.yml, whose rules are in `rules/` beside it. */
export function prometheusConfig(settings: MonitoringSettings): string {
  const durations = createDurations(settings.durationScale);
  const { alertmanager } = settings.targets;
  return generatedYaml({
    global: {
      scrape_interval: durations.text('15s'),
      // Of a drill's short interval all is needed: a machine that is busy for a moment is no fault.
      scrape_timeout: durations.text(settings.durationScale === 1 ? '10s' : '15s'),
      evaluation_interval: durations.text('15s'),
    },
    storage: { exemplars: { max_exemplars: 100_000 } },
    rule_files: ['rules/*.yml'],
    alerting: { alertmanagers: [{ static_configs: [{ targets: alertmanager }] }] },
    scrape_configs: Object.entries(settings.targets).map(([job, targets]) => ({
      job_name: job,
      static_configs: [{ targets }],
    })),
  });
}
