import { recordedMetric, serviceMetric, type KnownLabels } from './known-metrics.ts';
import type { Matcher, Selector } from './promql.ts';

/** Prefixes of what others expose; exposed-metrics.integration.test.ts asks them. */
const foreign = /^(redis|pg|prometheus|alertmanager|scrape|nodejs|process)_|^(up|ALERTS)?$/;

/** What a selector names that does not exist. */
export function unknownIn({ metric, matchers }: Selector): string[] {
  const known = labelsOfMetric(metric);
  if (!known) return foreign.test(metric) ? [] : [metric];
  return matchers
    .filter((matcher) => !canMatch(known, matcher))
    .map(({ label, operator, value }) => `${metric}{${label}${operator}"${value}"}`);
}

export function labelsOfMetric(name: string): KnownLabels | undefined {
  return serviceMetric(name) ?? recordedMetric(name);
}

function canMatch(known: KnownLabels, { label, operator, value }: Matcher): boolean {
  if (!known.has(label)) return false;
  const values = known.get(label);
  // A variable of a dashboard is filled with values that exist.
  if (!values || value.startsWith('$')) return true;
  if (operator === '=' || operator === '!=') return values.includes(value);
  // Every alternative has to mean something, not only the first one.
  return value
    .split('|')
    .every((part) => values.some((one) => new RegExp(`^(?:${part})$`).test(one)));
}
