import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

export type Weather = 'calm' | 'fault';

/** Counts what happened in a run, for its report. */
export class Tally {
  readonly operations = new Map<string, number>();
  readonly caches = new Map<string, number>();
  readonly errors = new Map<string, number>();
  readonly faults = new Map<string, number>();
  /** Microseconds that reads took. */
  readonly latencies: Readonly<Record<Weather, RecordableHistogram>> = {
    calm: createHistogram(),
    fault: createHistogram(),
  };
  weather: Weather = 'calm';

  count(counts: 'operations' | 'caches' | 'errors' | 'faults', what: string, times = 1): void {
    this[counts].set(what, (this[counts].get(what) ?? 0) + times);
  }

  readTook(ms: number, weather: Weather): void {
    this.latencies[weather].record(Math.max(1, Math.round(ms * 1_000)));
  }
}
