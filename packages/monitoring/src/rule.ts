import type { Dashboard } from './dashboard-link.ts';
import type { Duration } from './durations.ts';

export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** `critical` wakes somebody, `warning` is looked at in the working day, `info` is there when one looks. */
export type Severity = 'critical' | 'warning' | 'info';

export interface AlertingRule {
  /** also the name of its runbook */
  readonly alert: string;
  readonly expr: string;
  readonly for?: Duration;
  /** how long it goes on to fire after its expression ended */
  readonly keepFiringFor?: Duration;
  readonly severity: Severity;
  /** what it is about: RedisDown keeps the warnings of the cache quiet, for example */
  readonly component: 'slo' | 'cache' | 'redis' | 'postgres' | 'service' | 'telemetry';
  readonly labels?: Readonly<Record<string, string>>;
  /** one sentence without a value: the title of the notification */
  readonly summary: string;
  /** with values, in Prometheus' templates */
  readonly description: string;
  readonly dashboard: Dashboard;
}

export interface RuleGroup {
  readonly name: string;
  readonly rules: readonly (RecordingRule | AlertingRule)[];
}
