/** Several measurements of one thing, in words. */
export interface Summary {
  readonly median: number;
  /** A quarter of the measurements are below it. */
  readonly lowerQuartile: number;
  /** A quarter of the measurements are above it. */
  readonly upperQuartile: number;
  readonly min: number;
  readonly max: number;
  readonly count: number;
}

/** Throws where nothing was measured: a figure that is missing must not look like one that is good. */
export function summarise(values: readonly number[]): Summary {
  if (values.length === 0) throw new RangeError('Nothing was measured.');
  if (!values.every(Number.isFinite)) throw new RangeError(`Not a measurement: ${String(values)}.`);
  const sorted = [...values].sort((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    lowerQuartile: quantile(sorted, 0.25),
    upperQuartile: quantile(sorted, 0.75),
    min: quantile(sorted, 0),
    max: quantile(sorted, 1),
    count: sorted.length,
  };
}

/** Between the two measurements that stand beside it. */
function quantile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}

/**
 * One quotient for each pair that was measured in the same round, so that what slows the machine for a while slows both
 * sides. Throws if the rounds are not the same.
 */
export function pairedRatios(
  numerators: readonly number[],
  denominators: readonly number[],
): number[] {
  if (numerators.length !== denominators.length) {
    throw new RangeError(`${numerators.length} rounds beside ${denominators.length}.`);
  }
  return numerators.map((numerator, round) => numerator / (denominators[round] ?? Number.NaN));
}

/**
 * How far from 1 the median of quotients of one thing by itself may be by chance: 0.05 says that a difference of 5 % means
 * nothing. The larger of how far it is, and of half the interval that holds the true median in 95 of 100 runs, by the rule
 * for the notches of box plots.
 */
export function noiseOf(ratiosToItself: readonly number[]): number {
  const { median, lowerQuartile, upperQuartile, count } = summarise(ratiosToItself);
  const notch = (notchFactor * (upperQuartile - lowerQuartile)) / Math.sqrt(count);
  return Math.max(Math.abs(median - 1), notch);
}

const notchFactor = 1.57;
