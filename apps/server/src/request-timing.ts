import type { RequestTiming } from '@throughline/api';
import { AsyncLocalStorage } from 'node:async_hooks';

/** Told how long each step took that a request waited for, in milliseconds. */
export interface StepTiming {
  addCacheTime(ms: number): void;
  addDatabaseTime(ms: number): void;
}

type RunningTiming = { -readonly [Share in keyof RequestTiming]: RequestTiming[Share] };

const timings = new AsyncLocalStorage<RunningTiming>();

/** Runs one HTTP request; what it awaits adds to its timing and to no other's. */
export function withRequestTiming<T>(run: () => T): T {
  return timings.run(emptyTiming(), run);
}

/** The timing of the request that is running. */
export function currentTiming(): RequestTiming {
  return timings.getStore() ?? emptyTiming();
}

/** Adds time that the running request spent on the cache; outside of a request it is nobody's. */
export function addCacheTime(ms: number): void {
  const timing = timings.getStore();
  if (timing) timing.cacheMs += ms;
}

/** Adds time that the running request spent on PostgreSQL; outside of a request it is nobody's. */
export function addDatabaseTime(ms: number): void {
  const timing = timings.getStore();
  if (timing) timing.databaseMs += ms;
}

function emptyTiming(): RunningTiming {
  return { cacheMs: 0, databaseMs: 0 };
}
