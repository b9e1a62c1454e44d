/** What was measured, and which alerts Prometheus makes of it. */
export interface Scenario {
  /** the situation in words */
  readonly that: string;
  readonly alert: string;
  /** series, minute by minute, in promtool's notation */
  readonly series: Readonly<Record<string, string>>;
  /** when one looks, such as `12m` */
  readonly at: string;
  /** the alerts of that name which fire then; none: it stays quiet */
  readonly fires: readonly FiringAlert[];
}

export interface FiringAlert {
  /** the labels that the rule gives, such as its severity: they tell which of the rules of that name */
  readonly rule: Readonly<Record<string, string>>;
  /** the labels of what the rule found */
  readonly found: Readonly<Record<string, string>>;
  /** with its values filled in */
  readonly description: string;
}

type Phase = readonly [minutes: number, value: number];

/** A counter that rises by so much a minute for so many minutes, phase by phase. */
export function counter(...phases: readonly Phase[]): string {
  let total = 0;
  const parts = phases.map(([minutes, perMinute]) => {
    const part = `${String(total)}+${String(perMinute)}x${String(minutes - 1)}`;
    total += perMinute * minutes;
    return part;
  });
  return parts.join(' ');
}

/** A gauge that stays where it is for so many minutes, phase by phase. */
export function gauge(...phases: readonly Phase[]): string {
  return phases.map(([minutes, value]) => `${String(value)}x${String(minutes - 1)}`).join(' ');
}

/** No samples for so many minutes. */
export function nothing(minutes: number): string {
  return `_x${String(minutes)}`;
}

export const job = 'throughline';
export const instance = 'server:9464';

/** A series of one process of the service. */
export function series(name: string, labels: Readonly<Record<string, string>> = {}): string {
  const all = Object.entries({ job, instance, ...labels });
  return `${name}{${all.map(([label, value]) => `${label}="${value}"`).join(',')}}`;
}
