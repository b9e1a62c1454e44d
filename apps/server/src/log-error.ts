import { toPublicError } from '@throughline/api';
import type { Logger } from '@throughline/telemetry';
import { shedCodes } from './shed-codes.ts';

export interface FailedCall {
  readonly error: unknown;
  readonly path?: string | undefined;
}

/**
 * Logs one failed call, the only place that does. Mistakes of callers and outages are told by the messages of
 * their causes; the latter are warnings, as whoever watches the stores reports them. The rest is a fault of
 * ours and comes with its stack.
 */
export function logError(logger: Logger, { error, path }: FailedCall): void {
  const { serviceCode, httpStatus } = toPublicError(error);
  // Whoever sends too much would fill the log instead.
  if (serviceCode === 'RATE_LIMITED' || shedCodes.has(serviceCode)) return;
  // A path of no procedure is whatever somebody sent.
  const call = serviceCode === 'PROCEDURE_NOT_FOUND' ? { serviceCode } : { path, serviceCode };
  if (httpStatus < 500) logger.info({ ...call, ...reasonsOf(error) }, 'refused');
  else if (httpStatus === 503) logger.warn({ ...call, ...reasonsOf(error) }, 'unavailable');
  else logger.error({ ...call, err: error }, 'failed');
}

const reasonsMax = 5;

/** The messages below tRPC's own, outermost first; those that repeat what was sent, and what is below them, are not told. */
function reasonsOf(error: unknown): { reasons?: string[] } {
  const reasons: string[] = [];
  let cause = error instanceof Error ? error.cause : undefined;
  for (; cause instanceof Error && reasons.length < reasonsMax; cause = cause.cause) {
    if (repeatsInput(cause)) break;
    reasons.push(cause.message);
  }
  return reasons.length === 0 ? {} : { reasons };
}

/** What is wrong with an input, or with a text that is no JSON, is shown by a piece of it. */
function repeatsInput({ name }: Error): boolean {
  return name === 'ZodError' || name === 'SyntaxError';
}
