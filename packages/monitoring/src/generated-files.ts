import { alertmanagerConfig } from './alertmanager-config.ts';
import { postgresQueries } from './postgres-queries.ts';
import { prometheusConfig } from './prometheus-config.ts';
import { ruleFiles } from './rule-groups.ts';
import { rulesYaml } from './rules-yaml.ts';
import type { MonitoringSettings } from './settings.ts';

/** Every generated file by its path below `prometheus/`, with its text. */
export function generatedFiles(settings: MonitoringSettings): Readonly<Record<string, string>> {
  const rules = Object.entries(ruleFiles(settings.durationScale)).map(([name, groups]) => [
    `rules/${name}.yml`,
    rulesYaml(groups, settings),
  ]);
  return {
    'prometheus.yml': prometheusConfig(settings),
    'alertmanager.yml': alertmanagerConfig(settings),
    'postgres-queries.yml': postgresQueries(),
    ...Object.fromEntries(rules),
  };
}
