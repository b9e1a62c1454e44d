import type { AppRouter } from '@throughline/api';
import { type Operation, TRPCClientError, type TRPCLink } from '@trpc/client';
import { observable, type Unsubscribable } from '@trpc/server/observable';
import { callKeyOf } from './idempotency-key.ts';
import { limits } from './limits.ts';

/**
 * Sends a call again, as it is and with its key, where that is safe and may help, until the time is over. The last
 * error is the call's. The library's own link for this knows neither `retry-after` nor a call that is given up
 * while it waits.
 *
 * Safe: a query, and a mutation with an idempotency key. May help: no answer came, one of a gateway came, or the
 * service says that the call may be repeated.
 */
export function retryingLink(retryForMs: number): TRPCLink<AppRouter> {
  return () =>
    ({ op, next }) =>
      observable((observer) => {
        const endMs = performance.now() + retryForMs;
        let attempt: Unsubscribable | undefined;
        let timer: ReturnType<typeof setTimeout> | undefined;

        const send = (failures: number) => {
          timer = undefined;
          attempt = next(op).subscribe({
            next: (value) => observer.next(value),
            complete: () => observer.complete(),
            error: (err) => {
              const waitMs = Math.max(backoffMs(failures), retryAfterMs(err));
              const isLate = performance.now() + waitMs >= endMs;
              if (isLate || !isRepeatable(op) || !isPassing(err)) return observer.error(err);
              timer = setTimeout(send, waitMs, failures + 1);
            },
          });
        };
        // A request that is under way hears of it by itself.
        const giveUp = () => {
          if (timer !== undefined) observer.error(TRPCClientError.from(reasonOf(op)));
        };
        op.signal?.addEventListener('abort', giveUp);
        send(0);
        return () => {
          op.signal?.removeEventListener('abort', giveUp);
          clearTimeout(timer);
          attempt?.unsubscribe();
        };
      });
}

/** Full jitter. */
function backoffMs(failures: number): number {
  return Math.random() * Math.min(limits.backoffMaxMs, limits.backoffMinMs * 2 ** failures);
}

/** The pause that the answer asks for, by its code, or by a header in seconds or until a date; 0 if none. */
function retryAfterMs({ data, meta }: TRPCClientError<AppRouter>): number {
  // The answers of a streamed batch have no headers of their own.
  if (data?.serviceCode === 'DATABASE_OVERLOADED') return limits.overloadedPauseMs;
  const response = meta?.['response'];
  const asked = response instanceof Response ? response.headers.get('retry-after') : null;
  if (asked === null) return 0;
  const seconds = Number(asked);
  const ms = Number.isNaN(seconds) ? Date.parse(asked) - Date.now() : seconds * 1000;
  return Number.isNaN(ms) ? 0 : ms;
}

function isRepeatable(op: Operation): boolean {
  return op.signal?.aborted !== true && (op.type === 'query' || callKeyOf(op) !== undefined);
}

/** Whether an error may be gone the next time. */
function isPassing({ data, meta, cause }: TRPCClientError<AppRouter>): boolean {
  if (data) return data.retryable === true;
  const response = meta?.['response'];
  if (response instanceof Response) return gatewayStatuses.has(response.status);
  // What came was a page and no answer: the URL is not that of the service.
  return meta?.['hasNoToken'] !== true && !(cause instanceof SyntaxError);
}

/** Something in front of the service could not reach it. */
export const gatewayStatuses: ReadonlySet<number> = new Set([502, 503, 504]);

function reasonOf({ signal }: Operation): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error
    ? reason
    : new DOMException('The call was given up.', 'AbortError');
}
