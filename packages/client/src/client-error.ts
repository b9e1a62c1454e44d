import type { AppRouter } from '@throughline/api';
import { TRPCClientError } from '@trpc/client';

/** What a call of the client rejects with; `data` is undefined where no answer of the service came. */
export type ThroughlineError = TRPCClientError<AppRouter>;

/** Whether a call of the client failed, as opposed to the caller's own code; narrows `err.data`. */
export function isThroughlineError(err: unknown): err is ThroughlineError {
  return err instanceof TRPCClientError;
}
