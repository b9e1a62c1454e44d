import type { Ambient } from './ambient.ts';
import type { Limits } from './limits.ts';

/**
 * How long to wait after so many failures in a row: exponential with full jitter, so that many who failed
 * together do not try again together.
 */
export function retryWaitMs(
  failures: number,
  ambient: Pick<Ambient, 'random'>,
  limits: Pick<Limits, 'backoffMinMs' | 'backoffMaxMs'>,
): number {
  return ambient.random() * Math.min(limits.backoffMaxMs, limits.backoffMinMs * 2 ** failures);
}
