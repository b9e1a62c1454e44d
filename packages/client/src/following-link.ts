import type { AppRouter } from '@throughline/api';
import { httpSubscriptionLink, type TRPCLink } from '@trpc/client';
import { EventSource } from 'eventsource';
import { gatewayStatuses } from './retrying-link.ts';

export interface FollowingLinkOptions {
  readonly url: string;
  /** Asked anew for each connection. */
  readonly headers: () => Promise<Record<string, string>>;
}

/**
 * Subscriptions over server-sent events. One whose connection is cut, or silent for too long, connects again and goes on
 * after the last event that it was told, and so does one that finds the service away or busy.
 *
 * Not with the `EventSource` of browsers, which can send no token.
 */
export function followingLink({ url, headers }: FollowingLinkOptions): TRPCLink<AppRouter> {
  return httpSubscriptionLink({
    url,
    EventSource,
    eventSourceOptions: {
      fetch: async (target, init) => {
        const sent = { ...init.headers, ...(await headers()) };
        const response = await fetch(target, { ...init, headers: sent });
        if (!gatewayStatuses.has(response.status)) return response;
        // An error of the network makes it try again, and any answer but a stream ends it.
        await response.body?.cancel();
        throw new TypeError(`The service could not be reached: HTTP ${response.status}.`);
      },
    },
  });
}
