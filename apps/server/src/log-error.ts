import { toPublicError } from '@throughline/api';
import type { Logger } from '@throughline/telemetry';

export interface FailedCall {
  readonly error: unknown;
  readonly path?: string | undefined;
}

/**
 * Logs one failed call, the only place that does. Mistakes of callers need no stack; an outage is
 * a warning, as whoever watches the stores reports it; the rest is a fault of ours.
 */
export function logError(logger: Logger, { error, path }: FailedCall): void {
  const { serviceCode, httpStatus } = toPublicError(error);
  const call = { path, serviceCode };
  if (httpStatus < 500) logger.info(call, 'refused');
  else if (httpStatus === 503) logger.warn({ ...call, err: error }, 'unavailable');
  else logger.error({ ...call, err: error }, 'failed');
}
