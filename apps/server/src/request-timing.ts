import type { RequestTiming } from '@throughline/api';
import { currentRequestScope } from '@throughline/telemetry';

/** Told how long each step took that a request waited for, in milliseconds. */
export interface StepTiming {
  addCacheTime(ms: number): void;
  addDatabaseTime(ms: number): void;
  /** The running request, for whoever knows only later how long it waited; undefined outside of one. */
  running(): { cacheMs: number } | undefined;
}

/** The timing of the request that is running. */
export function currentTiming(): RequestTiming {
  return currentRequestScope() ?? { cacheMs: 0, databaseMs: 0 };
}

/** Adds time that the running request spent on the cache; outside of a request it is nobody's. */
export function addCacheTime(ms: number): void {
  const scope = currentRequestScope();
  if (scope) scope.cacheMs += ms;
}

/** Adds time that the running request spent on PostgreSQL; outside of a request it is nobody's. */
export function addDatabaseTime(ms: number): void {
  const scope = currentRequestScope();
  if (scope) scope.databaseMs += ms;
}
