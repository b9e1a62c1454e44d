import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

export type Weather = 'calm' | 'fault';

/** A fault, and when. Milliseconds of the run's clock. */
export interface Happening {
  readonly name: string;
  readonly beganMs: number;
  readonly endedMs: number;
}

type Counts = 'operations' | 'refusedReads' | 'refusedWrites' | 'faults' | 'repeats';

/** Counts what happened in a run, for its report. */
export class Tally {
  readonly operations = new Map<string, number>();
  /** By code. */
  readonly refusedReads = new Map<string, number>();
  readonly refusedWrites = new Map<string, number>();
  readonly faults = new Map<string, number>();
  /** Writes with an idempotency key, sent again. */
  readonly repeats = new Map<string, number>();
  /** Microseconds that reads took. */
  readonly latencies: Readonly<Record<Weather, RecordableHistogram>> = {
    calm: createHistogram(),
    fault: createHistogram(),
  };
  /** Products that were answered, in how many answers, and how many of these were wholly from the cache. */
  readonly reads: Readonly<Record<Weather, { count: number; answers: number; hits: number }>> = {
    calm: { count: 0, answers: 0, hits: 0 },
    fault: { count: 0, answers: 0, hits: 0 },
  };
  readonly timeline: Happening[] = [];
  weather: Weather = 'calm';

  count(counts: Counts, what: string): void {
    this[counts].set(what, (this[counts].get(what) ?? 0) + 1);
  }

  /** Products of one answer, which is a hit only if all of it is one. */
  countReads(answer: { weather: Weather; cache: string | undefined; reads: number }): void {
    const counts = this.reads[answer.weather];
    counts.count += answer.reads;
    counts.answers += 1;
    if (answer.cache === 'hit') counts.hits += 1;
  }

  readTook(ms: number, weather: Weather): void {
    this.latencies[weather].record(Math.max(1, Math.round(ms * 1_000)));
  }
}
