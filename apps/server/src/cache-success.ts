import type { CacheSuccess, CacheSuccessClassifier } from '@throughline/telemetry';
import { CacheUnavailableError, type CacheOutcome } from '@throughline/write-through';

/**
 * What the end of an operation says about the cache: `false` only where a step that was due failed, as
 * alerts count it. A refusal says nothing, nor does a bypass that was decided beforehand.
 */
export const cacheSuccess: CacheSuccessClassifier<CacheOutcome> = {
  ofOutcome: (outcome) => successOfOutcome[outcome],
  ofError: (err) => (err instanceof CacheUnavailableError ? 'false' : 'none'),
};

const successOfOutcome = {
  hit: 'true',
  negative: 'true',
  miss: 'true',
  pending: 'true',
  published: 'true',
  deferred: 'false',
  error: 'false',
  bypass: 'none',
  none: 'none',
} as const satisfies Record<CacheOutcome, CacheSuccess>;
