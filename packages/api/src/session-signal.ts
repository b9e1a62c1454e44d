import { TokenRejectedError } from './access-errors.ts';
import type { Auth } from './auth.ts';

/** The longest that a timer can be set to. Whoever follows for longer is asked to connect anew. */
const timerMaxMs = 2_147_483_647;

/**
 * Aborted when the request is, and when the token that came with it has expired: with the error that a call would then be
 * answered with. So what a caller goes on being told ends with the right to ask for it. The timer ends with the request.
 */
export function sessionSignal(auth: Auth, request: AbortSignal): AbortSignal {
  if (auth.kind !== 'token') return request;
  const leftMs = auth.expiresAtMs - Date.now();
  const expiry = new AbortController();
  const end = () => {
    const isExpired = leftMs <= timerMaxMs;
    expiry.abort(isExpired ? new TokenRejectedError('The token has expired.') : undefined);
  };
  const timer = setTimeout(end, Math.min(leftMs, timerMaxMs)).unref();
  request.addEventListener('abort', () => clearTimeout(timer), { once: true });
  return AbortSignal.any([request, expiry.signal]);
}
