import type { AppRouter } from '@throughline/api';
import { type Operation, TRPCClientError, type TRPCLink } from '@trpc/client';
import { observable, type Unsubscribable } from '@trpc/server/observable';
import { type Call, type CallSettings, openCall, withCall } from './call.ts';
import { clientError } from './client-error.ts';

/**
 * Opens the call that the links after it work on, and ends it when its signal or its deadline says so: at once, with a
 * failure of its own, whatever its attempts do. What the call has come to stands in its error.
 * A subscription is only opened: its signal unsubscribes it, and it has no deadline.
 */
export function callingLink(settings: CallSettings): TRPCLink<AppRouter> {
  return () =>
    ({ op, next }) =>
      observable((observer) => {
        const call = open(op, settings);
        if (call instanceof TRPCClientError) return observer.error(call);
        const context = withCall(op, call);
        if (op.type === 'subscription') return next({ ...op, context }).subscribe(observer);

        let attempts: Unsubscribable | undefined;
        let isStreaming = false;
        const ending = new Ending(op, call);
        ending.onEnd = (err) => observer.error(err);
        if (ending.error) return observer.error(ending.error);
        attempts = next({ ...op, context, signal: ending.signal }).subscribe({
          next: (value) => {
            const { result } = value;
            const isData = result.type === 'data' || result.type === undefined;
            if (!isData || !isAsyncIterable(result.data)) return observer.next(value);
            isStreaming = true;
            const data = streamUntil(ending, result.data);
            observer.next({ ...value, result: { ...result, data } });
          },
          error: (err) => observer.error(err),
          complete: () => observer.complete(),
        });
        return () => {
          attempts?.unsubscribe();
          if (!isStreaming) ending.release();
        };
      });
}

function open(op: Operation, settings: CallSettings) {
  try {
    return openCall(op, settings);
  } catch (err) {
    return clientError(err, { clientCode: 'CALL_INVALID' });
  }
}

/** The first of the caller's signal and the deadline. */
class Ending {
  /** What the call ended with, once it has. */
  error: TRPCClientError<AppRouter> | undefined;
  isLeft = false;
  /** Called once, when the call ends. */
  onEnd: ((err: TRPCClientError<AppRouter>) => void) | undefined;
  readonly call: Call;
  readonly #callerSignal: AbortSignal | undefined;
  readonly #controller = new AbortController();
  readonly #timer: ReturnType<typeof setTimeout> | undefined;

  constructor({ signal }: Operation, call: Call) {
    this.call = call;
    this.#callerSignal = signal ?? undefined;
    if (signal?.aborted) {
      this.#onAbort();
      return;
    }
    signal?.addEventListener('abort', this.#onAbort);
    const { deadlineMs } = call;
    if (deadlineMs !== undefined) this.#timer = setTimeout(this.#onDeadline, deadlineMs);
  }

  /** For what runs under the call. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** From now on nothing ends the call but itself. */
  release(): void {
    clearTimeout(this.#timer);
    this.#callerSignal?.removeEventListener('abort', this.#onAbort);
  }

  /** Nobody waits for the rest of the answer. */
  leave(): void {
    this.isLeft = true;
    this.release();
    this.#controller.abort();
  }

  readonly #onAbort = () => {
    const reason: unknown = this.#callerSignal?.reason;
    const cause =
      reason instanceof Error ? reason : new DOMException('The call was given up.', 'AbortError');
    this.#end(clientError(cause, { clientCode: 'ABORTED', call: this.call }));
  };

  readonly #onDeadline = () => {
    const text = `The call was not answered within ${this.call.deadlineMs} ms.`;
    const cause = new DOMException(text, 'TimeoutError');
    this.#end(clientError(cause, { clientCode: 'DEADLINE_EXCEEDED', call: this.call }));
  };

  #end(err: TRPCClientError<AppRouter>): void {
    this.error = err;
    this.release();
    this.onEnd?.(err);
    this.#controller.abort(err.cause);
  }
}

/** The answer that comes bit by bit is under the same signal and deadline as the call. */
function streamUntil(ending: Ending, source: AsyncIterable<unknown>) {
  const steps = stepsUntil(ending, source);
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: async () => steps.next(),
    return: async () => {
      // A generator that is returned from before its first step does nothing, and the request would go on.
      ending.leave();
      return steps.return(undefined);
    },
  };
}

async function* stepsUntil(ending: Ending, source: AsyncIterable<unknown>) {
  try {
    yield* source;
  } catch (err) {
    if (ending.isLeft) return;
    throw ending.error ?? clientError(err, { call: ending.call });
  } finally {
    ending.release();
  }
  if (ending.error) throw ending.error;
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
