import { metricTable } from '@throughline/telemetry/metric-table';
import { allRules, isAlert } from '../rule-groups.ts';
import { readExpression } from './promql.ts';

/** What can stand in a matcher of a metric: its labels, each with its values if all are known. */
export type KnownLabels = ReadonlyMap<string, readonly string[] | undefined>;

/** Labels that Prometheus gives to whatever it scrapes. */
const targetLabels = ['job', 'instance'];

/** The labels of a metric of the service, by the name that it has in PromQL; nothing for another metric. */
export function serviceMetric(name: string): KnownLabels | undefined {
  for (const [base, definition] of Object.entries(metricTable)) {
    const isHistogram = definition.type === 'histogram';
    const names = isHistogram ? [`${base}_bucket`, `${base}_count`, `${base}_sum`] : [base];
    if (!names.includes(name)) continue;
    const labels = new Map<string, readonly string[] | undefined>(
      targetLabels.map((label) => [label, undefined]),
    );
    for (const [label, values] of Object.entries(definition.labels)) {
      labels.set(label, 'valuesMax' in values ? undefined : values);
    }
    if (name.endsWith('_bucket') && isHistogram) {
      labels.set('le', [...definition.buckets.map(String), '+Inf']);
    }
    return labels;
  }
  return undefined;
}

/** The labels of what a recording rule records; nothing if no rule does. */
export function recordedMetric(name: string): KnownLabels | undefined {
  return recorded.get(name);
}

/** In the order of the rules, which is also the order in which one needs another. */
const recorded = readRecorded();

function readRecorded(): ReadonlyMap<string, KnownLabels> {
  const known = new Map<string, Map<string, readonly string[] | undefined>>();
  for (const rule of allRules()) {
    if (isAlert(rule)) continue;
    const labels = known.get(rule.record) ?? new Map<string, readonly string[] | undefined>();
    const { grouping, selectors } = readExpression(rule.expr);
    const inherited = selectors.flatMap(({ metric }) =>
      Array.from(known.get(metric)?.keys() ?? []),
    );
    for (const label of [...grouping, ...inherited]) labels.set(label, labels.get(label));
    for (const [label, value] of Object.entries(rule.labels ?? {})) {
      labels.set(label, [...(labels.get(label) ?? []), value]);
    }
    labels.delete('le');
    known.set(rule.record, labels);
  }
  return known;
}
