import { type Summary, summarise } from './statistics.ts';

/**
 * `holds`: the target is met, or missed by no more than the noise. `falls short`: it is missed by more, or could not be
 * measured. `not shown`: this machine cannot tell, as it has too few cores or was too busy with other things.
 */
export type Verdict = 'holds' | 'falls short' | 'not shown';

/** One of the things that performance is promised by. */
export interface Ratio {
  /** Such as `1a`. */
  readonly id: string;
  readonly says: string;
  readonly sense: 'at most' | 'at least';
  readonly target: number;
  /** undefined if it could not be measured. */
  readonly measured: Summary | undefined;
  /** What the run found of like beside like, as a share: a difference of less means nothing. */
  readonly noise: number;
  readonly verdict: Verdict;
  /** Why there is no figure, or what the figure is instead. */
  readonly because?: string | undefined;
}

export interface RatioParts {
  readonly id: string;
  readonly says: string;
  readonly sense: 'at most' | 'at least';
  readonly target: number;
  readonly noise: number;
  readonly values: readonly number[];
}

/** A ratio that was measured, judged by its median. */
export function judge({ values, ...parts }: RatioParts): Ratio {
  const measured = summarise(values);
  return { ...parts, measured, verdict: verdictOf({ ...parts, median: measured.median }) };
}

/** A ratio for which there is no figure. A run that was to measure it has fallen short of it. */
export function unmeasured(parts: Omit<RatioParts, 'values' | 'noise'>, because: string): Ratio {
  return { ...parts, measured: undefined, noise: 0, verdict: 'falls short', because };
}

interface Judged extends Pick<RatioParts, 'sense' | 'target' | 'noise'> {
  readonly median: number;
}

function verdictOf({ sense, target, noise, median }: Judged): Verdict {
  const metBy = (leeway: number) =>
    sense === 'at most' ? median <= target * (1 + leeway) : median >= target / (1 + leeway);
  if (metBy(0)) return 'holds';
  if (!metBy(noise)) return 'falls short';
  return noise <= noiseMax ? 'holds' : 'not shown';
}

/** With more of it, a miss within the noise says nothing at all. */
const noiseMax = 0.25;

/** The last line of a check: it begins `holds` or `falls short`, and names the ratios. */
export function verdictLine(ratios: readonly Ratio[]): string {
  const ids = (verdict: Verdict) =>
    ratios.filter((ratio) => ratio.verdict === verdict).map(({ id }) => id);
  const [held, notShown] = [ids('holds'), ids('not shown')];
  const short = ratios.filter(({ verdict }) => verdict === 'falls short').map(shortOf);
  const rest = notShown.length === 0 ? '' : `; cannot be shown here: ${notShown.join(' ')}`;
  if (short.length > 0) return `falls short: ${short.join(', ')}; holds: ${held.join(' ')}${rest}`;
  return `holds: ${held.join(' ')}${rest}`;
}

/** Nothing measured is no success. */
export function holds(ratios: readonly Ratio[]): boolean {
  return ratios.length > 0 && ratios.every(({ verdict }) => verdict !== 'falls short');
}

function shortOf({ id, sense, target, measured }: Ratio): string {
  if (measured === undefined) return `${id} (not measured)`;
  return `${id} (${measured.median.toFixed(2)}, ${sense} ${target})`;
}
