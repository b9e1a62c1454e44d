import type { AppRouter } from '@throughline/api';
import type { Operation, TRPCLink } from '@trpc/client';
import { observable, type Unsubscribable } from '@trpc/server/observable';
import { callOf } from './call.ts';
import { clientCodeOf, clientError, responseOf, type ThroughlineError } from './client-error.ts';
import { limits } from './limits.ts';
import { askedPauseMs, backoffMs } from './pause.ts';
import { changeWordOf } from './service-codes.ts';

/**
 * Sends a call again, as it is and with its key, where that is safe and may help, until the time is over. The last
 * error is the call's. The library's own link for this knows no `retry-after`.
 *
 * Safe: a query, a mutation with an idempotency key, and one without of which the service says that nothing has taken
 * place. May help: no answer came, one of a gateway came, or the service says that the call may be repeated.
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
            error: (cause) => {
              const err = clientError(cause, { call });
              noteRefusal(op, err, mayHaveChanged);
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

/** The pause that the answer asks for, by its code or by a header; 0 if none. */
function retryAfterMs(err: ThroughlineError): number {
  // The answers of a streamed batch have no headers of their own.
  if (err.data?.serviceCode === 'DATABASE_OVERLOADED') return limits.overloadedPauseMs;
  return askedPauseMs(responseOf(err)?.headers);
}

function isRepeatable(op: Operation): boolean {
  const { idempotencyKey, mayHaveChanged } = callOf(op);
  return op.type === 'query' || idempotencyKey !== undefined || !mayHaveChanged;
}

/** Whether an error may be gone the next time. */
function isPassing(err: ThroughlineError): boolean {
  return err.data ? err.data.retryable === true : clientCodeOf(err) === 'NO_ANSWER';
}

/** What a refusal tells of the attempt that it answers, and of those before it. */
function noteRefusal(op: Operation, { data }: ThroughlineError, mayHaveChanged: boolean): void {
  if (!data) return;
  const word = changeWordOf(op.path, data.serviceCode);
  if (word === 'unknown') return;
  callOf(op).mayHaveChanged = word === 'unchanged' && mayHaveChanged;
}
