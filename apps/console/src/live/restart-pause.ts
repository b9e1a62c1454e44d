import { type FailureCode, failureOf, isThroughlineError } from '@throughline/client';

/**
 * How long to wait before a subscription that has ended is begun anew; undefined where that would end it again, until there
 * is another token or another page. The client goes on by itself after whatever it may repeat.
 */
export function restartPauseMs(err: unknown): number | undefined {
  if (!isThroughlineError(err)) return undefined;
  const { code, retryable } = failureOf(err);
  if (code === 'CHANGES_NOT_KEPT') return missedPauseMs;
  return retryable || passingCodes.has(code) ? faultPauseMs : undefined;
}

/** What a fault of the service, or something before it, may answer for a while. */
const passingCodes: ReadonlySet<FailureCode> = new Set(['INTERNAL', 'ANSWER_UNREADABLE']);

/** A new subscription is told all that changes from then on: it waits only so that nothing can go round without a pause. */
const missedPauseMs = 1_000;
/** Nobody at the screen can help it: often enough to be noticed soon, and no burden. */
const faultPauseMs = 5_000;
