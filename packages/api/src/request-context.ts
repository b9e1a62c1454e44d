import type { OperationResult } from '@throughline/product-repository';
import type { CacheOutcome } from '@throughline/write-through';
import type { Access } from './require-scope.ts';

/** How long one HTTP request spent where, in milliseconds; filled while its calls run. */
export interface RequestTiming {
  readonly cacheMs: number;
  readonly databaseMs: number;
}

/** What one HTTP request brings along, shared by every call of a batch. */
export interface RequestContext extends Access {
  readonly timing: RequestTiming;
  /** Whether an answer may come bit by bit. */
  readonly takesStream: boolean;
  /** One entry for each call that the repository answered. */
  readonly outcomes: readonly CacheOutcome[];
  /** Notes how the cache took part in an answer and returns its value. */
  answer<T>(result: OperationResult<T>): T;
}

export function createRequestContext(
  request: Access & { timing: RequestTiming; takesStream?: boolean },
): RequestContext {
  const outcomes: CacheOutcome[] = [];
  return {
    takesStream: false,
    ...request,
    outcomes,
    answer(result) {
      outcomes.push(result.outcome);
      return result.value;
    },
  };
}
