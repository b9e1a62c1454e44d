import { cacheAlertGroup } from './cache-alerts.ts';
import { dependencyAlertGroup } from './dependency-alerts.ts';
import { createDurations } from './durations.ts';
import { recordingRuleGroup } from './recording-rules.ts';
import type { AlertingRule, RecordingRule, RuleGroup } from './rule.ts';
import { serviceAlertGroup } from './service-alerts.ts';
import { sloRuleGroups } from './slo-rules.ts';

/** All rules, by the name of the file that they are written to. */
export function ruleFiles(durationScale = 1): Readonly<Record<string, readonly RuleGroup[]>> {
  const durations = createDurations(durationScale);
  return {
    recordings: [recordingRuleGroup(durations)],
    slo: sloRuleGroups(durations),
    cache: [cacheAlertGroup(durations)],
    dependencies: [dependencyAlertGroup(durations)],
    service: [serviceAlertGroup(durations)],
  };
}

export function allRules(durationScale = 1): (RecordingRule | AlertingRule)[] {
  return Object.values(ruleFiles(durationScale))
    .flat()
    .flatMap((group) => group.rules);
}

export function isAlert(rule: RecordingRule | AlertingRule): rule is AlertingRule {
  return 'alert' in rule;
}
