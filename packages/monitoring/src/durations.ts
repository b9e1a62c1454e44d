const unitSeconds = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;

/** A span of time as Prometheus writes it, in one unit. */
export type Duration = `${number}${keyof typeof unitSeconds}`;

/**
 * All durations of rules and configurations go through here. With the scale 1 they are what they say; a
 * drill that cannot wait for hours uses the same rules with, for example, a sixtieth of every duration.
 */
export interface Durations {
  /** as PromQL and the configuration files take it */
  text(duration: Duration): string;
  seconds(duration: Duration): number;
}

export function createDurations(scale = 1): Durations {
  const seconds = (duration: Duration) => toSeconds(duration) * scale;
  return {
    seconds,
    text: (duration) => (scale === 1 ? duration : toText(seconds(duration))),
  };
}

function toSeconds(duration: Duration): number {
  const [, count = '', unit = ''] = /^(\d+)([smhdw])$/.exec(duration) ?? [];
  if (!(unit in unitSeconds)) throw new Error(`"${duration}" is not a duration in one unit.`);
  const byUnit: Readonly<Record<string, number>> = unitSeconds;
  return Number(count) * (byUnit[unit] ?? Number.NaN);
}

/** In whole seconds or milliseconds: Prometheus takes no fractions. */
function toText(seconds: number): string {
  if (Number.isInteger(seconds)) return `${String(seconds)}s`;
  return `${String(Math.max(1, Math.round(seconds * 1000)))}ms`;
}
