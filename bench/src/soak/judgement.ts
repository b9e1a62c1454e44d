/** What a quantity did in the course of a run, window by window. */
export interface Course {
  /** How many calls there were when a window ended, and what stood for it. */
  readonly points: readonly { readonly calls: number; readonly value: number }[];
}

export interface Judgement {
  /** At the middle and at the end of the run, by the line through its second half. */
  readonly middle: number;
  readonly end: number;
  readonly growth: number;
  readonly verdict: 'holds' | 'grows';
}

/** So many windows in the whole run: enough for a line through half of them, each long enough for a garbage collection. */
export const windowCount = 24;

/**
 * Splits samples into windows of equally many calls, and takes of each the least or the middle value. The least is what is
 * still held after a garbage collection.
 */
export function courseOf(
  samples: readonly { readonly calls: number; readonly value: number }[],
  take: 'least' | 'middle',
): Course {
  const all = samples.at(-1)?.calls ?? 0;
  const windows = Map.groupBy(samples, ({ calls }) =>
    Math.min(windowCount - 1, Math.floor((calls / all) * windowCount)),
  );
  const points = [...windows].map(([window, within]) => {
    const values = within.map(({ value }) => value).toSorted((one, other) => one - other);
    const value = values[take === 'least' ? 0 : values.length >> 1] ?? 0;
    return { calls: Math.round((all * (window + 1)) / windowCount), value };
  });
  return { points };
}

/**
 * Whether a quantity grew by more than `growthMax` in the second half of the run. The slope is the median of those between all
 * pairs of windows (Theil and Sen), so that one peak neither makes nor hides a growth. What was not measured does not hold.
 */
export function judge({ points }: Course, growthMax: number): Judgement {
  const half = points.slice(points.length >> 1);
  const slopes = half.flatMap((one, index) =>
    half.slice(index + 1).map((other) => (other.value - one.value) / (other.calls - one.calls)),
  );
  const slope = medianOf(slopes);
  const [first, last] = [half[0]?.calls ?? 0, half.at(-1)?.calls ?? 0];
  const offset = medianOf(half.map(({ calls, value }) => value - slope * calls));
  const middle = offset + slope * first;
  const end = offset + slope * last;
  const growth = end - middle;
  return { middle, end, growth, verdict: growth <= growthMax ? 'holds' : 'grows' };
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const half = sorted.length >> 1;
  const [below = 0, above = 0] = [sorted[(sorted.length - 1) >> 1], sorted[half]];
  return (below + above) / 2;
}
