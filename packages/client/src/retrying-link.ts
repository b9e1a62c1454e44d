import type { AppRouter } from '@throughline/api';
import type { Operation, TRPCLink } from '@trpc/client';
import { observable, type Unsubscribable } from '@trpc/server/observable';
import { type Call, callOf } from './call.ts';
import { clientCodeOf, responseOf, type ThroughlineError } from './client-error.ts';
import { changeWords, isServiceCode } from './service-codes.ts';
import { limits } from './limits.ts';

/**
 * Sends a call again, as it is and with its key, where that is safe and may help, until the time is over. The last
 * error is the call's. The library's own link for this knows no `retry-after`.
 *
 * Safe: a query, and a mutation with an idempotency key. May help: no answer came, one of a gateway came, or the
 * service says that the call may be repeated.
 */
export function retryingLink(retryForMs: number): TRPCLink<AppRouter> {
  return () =>
    ({ op, next }) =>
      observable((observer) => {
        const call = callOf(op);
        // An answer that is known is better than a deadline that passes in a pause.
        const endMs = performance.now() + Math.min(retryForMs, call.deadlineMs ?? Infinity);
        let attempt: Unsubscribable | undefined;
        let timer: ReturnType<typeof setTimeout> | undefined;

        const send = (failures: number) => {
          const { mayHaveChanged } = call;
          attempt = next(op).subscribe({
            next: (value) => observer.next(value),
            complete: () => observer.complete(),
            error: (err) => {
              noteRefusal(call, err, mayHaveChanged);
              const waitMs = Math.max(backoffMs(failures), retryAfterMs(err));
              const isLate = performance.now() + waitMs >= endMs;
              if (isLate || !isRepeatable(op) || !isPassing(err)) return observer.error(err);
              timer = setTimeout(send, waitMs, failures + 1);
            },
          });
        };
        send(0);
        return () => {
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
function retryAfterMs(err: ThroughlineError): number {
  // The answers of a streamed batch have no headers of their own.
  if (err.data?.serviceCode === 'DATABASE_OVERLOADED') return limits.overloadedPauseMs;
  const asked = responseOf(err)?.headers.get('retry-after') ?? null;
  if (asked === null) return 0;
  const seconds = Number(asked);
  const ms = Number.isNaN(seconds) ? Date.parse(asked) - Date.now() : seconds * 1000;
  return Number.isNaN(ms) ? 0 : ms;
}

function isRepeatable(op: Operation): boolean {
  return op.type === 'query' || callOf(op).idempotencyKey !== undefined;
}

/** Whether an error may be gone the next time. */
function isPassing(err: ThroughlineError): boolean {
  return err.data ? err.data.retryable === true : clientCodeOf(err) === 'NO_ANSWER';
}

/** What a refusal tells of the attempt that it answers, and of those before it. */
function noteRefusal(call: Call, { data }: ThroughlineError, mayHaveChanged: boolean): void {
  if (!data) return;
  const word = isServiceCode(data.serviceCode) ? changeWords[data.serviceCode] : 'unknown';
  if (word === 'unknown') return;
  call.mayHaveChanged = word === 'unchanged' && mayHaveChanged;
}
