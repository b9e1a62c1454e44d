import { isAlert, ruleFiles } from '../rule-groups.ts';
import type { AlertingRule } from '../rule.ts';
import { annotationsOf, labelsOf } from '../rules-yaml.ts';
import { defaultSettings } from '../settings.ts';
import type { FiringAlert, Scenario } from './scenario.ts';

const alerts: readonly AlertingRule[] = Object.values(ruleFiles())
  .flat()
  .flatMap(({ rules }) => rules.filter(isAlert));

/** One expression that a recording rule should have made true: what it finds, with values. */
export interface Expectation {
  readonly expr: string;
  readonly at: string;
  readonly samples: Readonly<Record<string, number>>;
}

/** A test of promtool for scenarios that share their series. */
export function alertTest(
  series: Scenario['series'],
  scenarios: readonly Scenario[],
  interval = '1m',
) {
  return {
    name: scenarios.map((scenario) => `${scenario.alert}: ${scenario.that}`).join('; '),
    interval,
    input_series: inputSeries(series),
    alert_rule_test: scenarios.map(({ alert, at, fires }) => ({
      eval_time: at,
      alertname: alert,
      exp_alerts: fires.map((firing) => expectedAlert(alert, firing)),
    })),
  };
}

export function expressionTest(series: Scenario['series'], expectations: readonly Expectation[]) {
  return {
    interval: '1m',
    input_series: inputSeries(series),
    promql_expr_test: expectations.map(({ expr, at, samples }) => ({
      expr,
      eval_time: at,
      exp_samples: Object.entries(samples).map(([labels, value]) => ({ labels, value })),
    })),
  };
}

/** The one rule that makes this alert. */
export function ruleOf(alert: string, { rule }: FiringAlert): AlertingRule {
  const found = alerts.filter((candidate) => {
    const labels = labelsOf(candidate);
    const matches = Object.entries(rule).every(([label, value]) => labels[label] === value);
    return candidate.alert === alert && matches;
  });
  const [only] = found;
  if (!only || found.length > 1) {
    throw new Error(`${alert} ${JSON.stringify(rule)} means ${String(found.length)} rules.`);
  }
  return only;
}

function inputSeries(series: Scenario['series']) {
  return Object.entries(series).map(([name, values]) => ({ series: name, values }));
}

function expectedAlert(alert: string, firing: FiringAlert) {
  const rule = ruleOf(alert, firing);
  return {
    exp_labels: { ...firing.found, ...labelsOf(rule) },
    exp_annotations: {
      ...annotationsOf(rule, defaultSettings),
      description: firing.description,
    },
  };
}
