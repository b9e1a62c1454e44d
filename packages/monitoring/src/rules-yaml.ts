import { dashboardUids } from './dashboard-link.ts';
import { createDurations, type Durations } from './durations.ts';
import { generatedYaml } from './generated-yaml.ts';
import type { AlertingRule, RecordingRule, RuleGroup } from './rule.ts';
import { isAlert } from './rule-groups.ts';
import type { MonitoringSettings } from './settings.ts';

/** The groups as a rule file of Prometheus. */
export function rulesYaml(groups: readonly RuleGroup[], settings: MonitoringSettings): string {
  const durations = createDurations(settings.durationScale);
  const file = {
    groups: groups.map(({ name, rules }) => ({
      name,
      rules: rules.map((rule) =>
        isAlert(rule) ? alertingRule(rule, settings, durations) : recordingRule(rule),
      ),
    })),
  };
  return generatedYaml(file);
}

/** The annotations of an alert; templates in them are filled in by Prometheus. */
export function annotationsOf(
  rule: AlertingRule,
  settings: MonitoringSettings,
): Readonly<Record<string, string>> {
  return {
    summary: rule.summary,
    description: rule.description,
    runbook_url: `${settings.runbooksUrl}${rule.alert}.md`,
    dashboard_url: `${settings.grafanaUrl}d/${dashboardUids[rule.dashboard]}`,
  };
}

/** The labels that an alert has beside those of what it found. */
export function labelsOf(rule: AlertingRule): Readonly<Record<string, string>> {
  return { severity: rule.severity, component: rule.component, ...rule.labels };
}

function alertingRule(rule: AlertingRule, settings: MonitoringSettings, durations: Durations) {
  return {
    alert: rule.alert,
    expr: rule.expr,
    ...(rule.for && { for: durations.text(rule.for) }),
    ...(rule.keepFiringFor && { keep_firing_for: durations.text(rule.keepFiringFor) }),
    labels: labelsOf(rule),
    annotations: annotationsOf(rule, settings),
  };
}

function recordingRule({ record, expr, labels }: RecordingRule) {
  return { record, expr, ...(labels && { labels }) };
}
