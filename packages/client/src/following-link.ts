import type { AppRouter } from '@throughline/api';
import { httpSubscriptionLink, type Operation, TRPCClientError, type TRPCLink } from '@trpc/client';
import { observable, type Unsubscribable } from '@trpc/server/observable';
import { EventSource } from 'eventsource';
import { callOf } from './call.ts';
import { clientError, gatewayStatuses, type ThroughlineError } from './client-error.ts';
import { type Fetch, foreignAnswer, isOfService } from './fetch-answer.ts';
import { askedPauseMs, backoffMs, pause } from './pause.ts';

export interface FollowingLinkOptions {
  readonly url: string;
  readonly fetch: Fetch;
  /** Asked anew for each connection. */
  readonly headers: (op: Operation) => Promise<Record<string, string>>;
}

/**
 * Subscriptions over server-sent events. One whose connection is cut, or silent for too long, connects again and goes on
 * after the last event that it was told, and so does one that finds the service away, or is refused for the moment: after
 * the pause that the answer asks for. One whose headers cannot be had, because its token cannot, ends with that error:
 * asking again is for whoever gives the token to decide.
 *
 * Not with the `EventSource` of browsers, which can send no token.
 */
export function followingLink(options: FollowingLinkOptions): TRPCLink<AppRouter> {
  return (runtime) =>
    ({ op, next }) =>
      observable((observer) => {
        if (!('MessageEvent' in globalThis)) return observer.error(noMessageEvent());
        const call = callOf(op);
        const connect = connecting(options, op, (err) => observer.error(err));
        const link = httpSubscriptionLink<AppRouter, typeof EventSource>({
          url: options.url,
          EventSource,
          eventSourceOptions: { fetch: connect },
        })(runtime);
        let attempt: Unsubscribable | undefined;
        let timer: ReturnType<typeof setTimeout> | undefined;
        let lastEventId: string | undefined;
        let refusals = 0;

        const follow = () => {
          attempt = link({ op: after(op, lastEventId), next }).subscribe({
            next: (value) => {
              if ('id' in value.result) {
                lastEventId = value.result.id;
                refusals = 0;
              }
              observer.next(value);
            },
            complete: () => observer.complete(),
            error: (cause) => {
              const err = clientError(cause, { call });
              if (err.data?.retryable !== true) return observer.error(err);
              timer = setTimeout(follow, backoffMs(refusals));
              refusals += 1;
            },
          });
        };
        follow();
        return () => {
          clearTimeout(timer);
          attempt?.unsubscribe();
        };
      });
}

/** Without it each event would be an error of the connection, and the subscription would begin again for ever. */
function noMessageEvent(): ThroughlineError {
  const cause = new TypeError('Subscriptions need MessageEvent, which this runtime does not have.');
  return clientError(cause, { clientCode: 'CALL_INVALID' });
}

/** The same subscription, from the event on that it was told last. */
function after(op: Operation, lastEventId: string | undefined): Operation {
  return lastEventId === undefined ? op : { ...op, input: { ...Object(op.input), lastEventId } };
}

type Connecting = Omit<RequestInit, 'headers'> & { readonly headers: Record<string, string> };

/** How one subscription connects; `end` is told of what no further attempt would mend. */
function connecting(
  { fetch, headers }: FollowingLinkOptions,
  op: Operation,
  end: (err: ThroughlineError) => void,
) {
  let notBeforeMs = 0;
  const failed = (err: ThroughlineError) => {
    end(err);
    return err;
  };
  return async (target: string | URL, init: Connecting) => {
    await pause(notBeforeMs - performance.now(), init.signal);
    const own = await headers(op).catch((err: unknown) => {
      throw failed(clientError(err, {}));
    });
    const response = await fetch(String(target), {
      ...init,
      headers: { ...init.headers, ...own },
    });
    notBeforeMs = performance.now() + askedPauseMs(response.headers);
    if (isEventStream(response)) return response;
    const refusal = await refusalOf(response);
    // An error of the network makes it try again, and any answer but a stream ends it.
    if (!gatewayStatuses.has(response.status) && refusal.data?.retryable !== true) failed(refusal);
    throw new TypeError(refusal.message);
  };
}

function isEventStream({ ok, headers }: Response): boolean {
  return ok && headers.get('content-type')?.startsWith('text/event-stream') === true;
}

/** What came in place of a stream. */
async function refusalOf(response: Response): Promise<ThroughlineError> {
  if (response.ok || !(await isOfService(response))) {
    await response.body?.cancel();
    return foreignAnswer(response);
  }
  const body: unknown = await response.json();
  return TRPCClientError.from<AppRouter>(Object(body), { meta: { response } });
}
