import type { Duration } from '@throughline/monitoring';
import type { DrillStage } from './drill-stage.ts';

/** A fault, and what whoever is on call is told of it: no less, and no more. */
export interface Drill {
  /** lower-case words with hyphens: what `--only` takes */
  readonly name: string;
  /** what happens, in words */
  readonly fault: string;
  /** Every duration of the rules and of this drill is multiplied by it; the service's own are not. */
  readonly durationScale: number;
  /** what this service is started with, beside what every service of a drill is */
  readonly environment?: Readonly<Record<string, string>>;
  readonly postgresArguments?: readonly string[];
  /** how long the fault lasts, before scaling */
  readonly lasts: Duration;
  readonly alerts: readonly ExpectedAlert[];
  /** Alerts that fire as well, and that Alertmanager keeps quiet beside those above. */
  readonly inhibited: readonly AlertName[];
  /** Makes the fault. What it returns undoes it, as the mitigation of the runbook says. */
  readonly begin: (stage: DrillStage) => Promise<() => Promise<void>>;
}

/** An alert and its severity, as in `RedisDown critical`. */
export type AlertName = `${string} ${'critical' | 'warning' | 'info'}`;

export interface ExpectedAlert {
  readonly alert: AlertName;
  /** from the beginning of the fault until the notification is there, before scaling */
  readonly firesWithin: Duration;
  /** from the end of the fault until the notification that it is over is there, before scaling */
  readonly clearsWithin: Duration;
}
