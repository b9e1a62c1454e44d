import type { AppRouter } from '@throughline/api';
import { httpSubscriptionLink, type Operation, type TRPCLink } from '@trpc/client';
import { observable } from '@trpc/server/observable';
import { EventSource } from 'eventsource';
import { clientError, gatewayStatuses, type ThroughlineError } from './client-error.ts';
import type { Fetch } from './fetch-answer.ts';

export interface FollowingLinkOptions {
  readonly url: string;
  readonly fetch: Fetch;
  /** Asked anew for each connection. */
  readonly headers: (op: Operation) => Promise<Record<string, string>>;
}

/**
 * Subscriptions over server-sent events. One whose connection is cut, or silent for too long, connects again and goes on
 * after the last event that it was told, and so does one that finds the service away or busy. One whose headers cannot
 * be had, because its token cannot, ends with that error: asking again is for whoever gives the token to decide.
 *
 * Not with the `EventSource` of browsers, which can send no token.
 */
export function followingLink(options: FollowingLinkOptions): TRPCLink<AppRouter> {
  return (runtime) =>
    ({ op, next }) =>
      observable((observer) => {
        if (!('MessageEvent' in globalThis)) return observer.error(noMessageEvent());
        const connect = connecting(options, op, (err) => observer.error(err));
        const link = httpSubscriptionLink<AppRouter, typeof EventSource>({
          url: options.url,
          EventSource,
          eventSourceOptions: { fetch: connect },
        });
        return link(runtime)({ op, next }).subscribe(observer);
      });
}

/** Without it each event would be an error of the connection, and the subscription would begin again for ever. */
function noMessageEvent(): ThroughlineError {
  const cause = new TypeError('Subscriptions need MessageEvent, which this runtime does not have.');
  return clientError(cause, { clientCode: 'CALL_INVALID' });
}

type Connecting = Omit<RequestInit, 'headers'> & { readonly headers: Record<string, string> };

/** How one subscription connects; `end` is told of what no further attempt would mend. */
function connecting(
  { fetch, headers }: FollowingLinkOptions,
  op: Operation,
  end: (err: ThroughlineError) => void,
) {
  return async (target: string | URL, init: Connecting) => {
    const own = await headers(op).catch((err: unknown) => {
      end(clientError(err, {}));
      throw err;
    });
    const response = await fetch(String(target), {
      ...init,
      headers: { ...init.headers, ...own },
    });
    if (!gatewayStatuses.has(response.status)) return response;
    // An error of the network makes it try again, and any answer but a stream ends it.
    await response.body?.cancel();
    throw new TypeError(`The service could not be reached: HTTP ${response.status}.`);
  };
}
